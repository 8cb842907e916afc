//! The log lines of this thread.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use social_core::trace::TARGET;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The lines since the start of a test.
#[derive(Debug, Clone, Default)]
pub(crate) struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    /// Collects warnings until the guard is dropped.
    pub(crate) fn hear() -> (Self, impl Sized) {
        let logs = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::WARN)
            .with_ansi(false)
            .with_writer(logs.clone());
        let guard = subscriber.finish().set_default();
        (logs, guard)
    }

    /// Collects the lines of `serve` until the guard is dropped.
    pub(crate) fn of_serve() -> (Self, impl Sized) {
        let logs = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::INFO)
            .json()
            .flatten_event(true)
            .with_writer(logs.clone());
        let guard = subscriber.finish().set_default();
        (logs, guard)
    }

    /// Collects a line for each span that a tracer would get, when it ends, until the guard is dropped.
    pub(crate) fn of_a_tracer() -> (Self, impl Sized) {
        let logs = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(format!("{TARGET}=trace"))
            .with_span_events(FmtSpan::CLOSE)
            .json()
            .with_writer(logs.clone());
        let guard = subscriber.finish().set_default();
        (logs, guard)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Returns the lines of `serve`.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Returns the lines with a cause.
    pub(crate) fn of(&self, cause: &str) -> Vec<String> {
        self.text()
            .lines()
            .filter(|line| line.contains(&format!("error.code=\"{cause}\"")))
            .map(str::to_owned)
            .collect()
    }
}

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logs {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
