//! Configures the log.

use tracing_subscriber::EnvFilter;

use crate::vars::Vars;

/// Our own crates log what they do; other crates only warnings. The code that needed an unreachable database
/// reports it, so sqlx need not.
const DEFAULT: &str = "warn,sqlx=error,social_core=info,social_sandbox=info,social_server=info";

/// The reader of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reader {
    /// A person at a terminal.
    Person,
    /// A log collector.
    Machine,
}

/// Starts logging to stderr, at the level of `RUST_LOG` or the default.
pub(crate) fn start(vars: &Vars, reader: Reader) {
    let wanted = vars.find("RUST_LOG").unwrap_or_else(|| DEFAULT.to_owned());
    let filter = EnvFilter::builder().parse_lossy(wanted);
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // It fails only if logging was already started.
    let _ = match reader {
        Reader::Person => logs.compact().with_target(false).with_ansi(false).try_init(),
        Reader::Machine => logs.json().flatten_event(true).try_init(),
    };
}
