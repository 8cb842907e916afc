//! What the process tells while it runs.

use tracing_subscriber::EnvFilter;

use crate::vars::Vars;

/// Our own crates tell what they do; everybody else only what went wrong. A database that is away is reported by
/// whoever needed it, so sqlx need not say it too.
const DEFAULT: &str = "warn,sqlx=error,social_core=info,social_sandbox=info,social_server=info";

/// For whom the lines are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reader {
    /// Somebody at a terminal.
    Person,
    /// A log collector.
    Machine,
}

/// Starts logging to stderr, as `RUST_LOG` says or by default.
pub(crate) fn start(vars: &Vars, reader: Reader) {
    let wanted = vars.find("RUST_LOG").unwrap_or_else(|| DEFAULT.to_owned());
    let filter = EnvFilter::builder().parse_lossy(wanted);
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // It fails only where logging was started before.
    let _ = match reader {
        Reader::Person => logs.compact().with_target(false).with_ansi(false).try_init(),
        Reader::Machine => logs.json().flatten_event(true).try_init(),
    };
}
