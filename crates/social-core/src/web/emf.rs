//! The worker's report in CloudWatch's embedded metric format: one JSON line on standard output
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::publish::Report;

const NAMESPACE: &str = "SocialPublisher";
/// Two deployments of one AWS account differ by it.
const DIMENSION: &str = "FunctionName";

/// Writes the reports of one process.
#[derive(Debug)]
pub(super) struct Emf {
    function: String,
    is_cold: AtomicBool,
}

impl Emf {
    /// Returns the writer of the function with that name.
    pub(super) fn new(function: String) -> Self {
        Self { function, is_cold: AtomicBool::new(true) }
    }

    /// Writes the report of an invocation that `took` so long and ended `now`.
    pub(super) fn write(&self, report: &Report, now: Timestamp, took: Duration) {
        let line = format!("{}\n", self.line(report, now, took));
        // In one piece, because other lines of the log go to the same place.
        if let Err(error) = std::io::stdout().write_all(line.as_bytes()) {
            tracing::warn!("the metrics could not be written: {error}");
        }
    }

    /// Returns the line. The first one of a process counts its cold start.
    fn line(&self, report: &Report, now: Timestamp, took: Duration) -> Value {
        let starts = u8::from(self.is_cold.swap(false, Ordering::Relaxed));
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let metrics = [
            ("Leased", "Count", json!(report.leased)),
            ("Published", "Count", json!(report.published)),
            ("Delivered", "Count", json!(report.delivered)),
            ("Failed", "Count", json!(report.failed)),
            ("Held", "Count", json!(report.held)),
            ("InDoubt", "Count", json!(report.in_doubt)),
            ("OldestDue", "Seconds", json!(report.oldest_due_seconds)),
            ("Duration", "Milliseconds", json!(milliseconds)),
            ("ColdStart", "Count", json!(starts)),
        ];
        let definitions = metrics.each_ref().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit }));
        let directive =
            json!({ "Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": definitions });
        let metadata = json!({ "Timestamp": now.timestamp_millis(), "CloudWatchMetrics": [directive] });
        let mut line = Map::new();
        line.insert("_aws".to_owned(), metadata);
        line.insert(DIMENSION.to_owned(), json!(self.function));
        line.extend(metrics.map(|(name, _, value)| (name.to_owned(), value)));
        Value::Object(line)
    }
}
