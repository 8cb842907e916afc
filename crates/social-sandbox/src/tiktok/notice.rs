//! The events that webhooks report.

use serde_json::{Value, json};

/// One event.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(super) event: String,
    pub(super) open_id: Option<String>,
    pub(super) content: Value,
}

impl Notice {
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        if let Value::Object(content) = &mut self.content {
            content.insert(name.into(), value.into());
        }
        self
    }

    pub(super) fn removed(open_id: &str, reason: i64) -> Self {
        let content = json!({ "reason": reason });
        Self { event: "authorization.removed".into(), open_id: Some(open_id.into()), content }
    }
}
