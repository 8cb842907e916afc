//! Configures the log.

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

use crate::telemetry::Telemetry;
use crate::vars::Vars;

/// Our own crates log what they do; other crates only warnings. The code that needed an unreachable database
/// reports it, so sqlx need not.
const DEFAULT: &str = "warn,sqlx=error,social_core=info,social_sandbox=info,social_server=info";

/// The reader of the log.
#[derive(Clone, Copy)]
pub(crate) enum Reader<'a> {
    /// A person at a terminal.
    Person,
    /// A log collector, with what collects traces beside it.
    Machine(&'a Telemetry),
}

/// Starts logging to stderr, at the level of `RUST_LOG` or the default, and tracing.
pub(crate) fn start(vars: &Vars, reader: Reader<'_>) {
    let wanted = vars.find("RUST_LOG").unwrap_or_else(|| DEFAULT.to_owned());
    let filter = EnvFilter::builder().parse_lossy(wanted);
    let logs = tracing_subscriber::fmt::layer::<Registry>().with_writer(std::io::stderr);
    let (logs, tracer) = match reader {
        Reader::Person => (logs.compact().with_target(false).with_ansi(false).boxed(), None),
        Reader::Machine(telemetry) => (logs.json().flatten_event(true).boxed(), telemetry.layer()),
    };
    // It fails only if logging was already started.
    let _ = tracing_subscriber::registry().with(logs.with_filter(filter)).with(tracer).try_init();
}
