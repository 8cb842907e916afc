//! The usage headers: how much of its budget an app has used, in per cent.

use axum::response::Response;
use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The contents of the headers; Meta sends them only after enough traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// The used share of the calls.
    pub percent: u8,
    /// Minutes until calls are accepted again.
    pub regain_minutes: u32,
}

const APP: HeaderName = HeaderName::from_static("x-app-usage");
const BUSINESS: HeaderName = HeaderName::from_static("x-business-use-case-usage");

impl Usage {
    /// Writes both headers, the second for this account or Page.
    pub(crate) fn tell(self, response: &mut Response, kind: &str, id: &str) {
        let app = json!({ "call_count": self.percent, "total_time": 3, "total_cputime": 1 });
        let one = json!({
            "type": kind,
            "call_count": self.percent,
            "total_cputime": 2,
            "total_time": 2,
            "estimated_time_to_regain_access": self.regain_minutes,
        });
        // Another entry comes first: the largest counts, not the first.
        let idle = json!({ "type": "custom_audience", "call_count": 0, "total_cputime": 0, "total_time": 0,
            "estimated_time_to_regain_access": 0 });
        let business = json!({ id: [idle, one] });
        for (name, value) in [(APP, app), (BUSINESS, business)] {
            if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
                response.headers_mut().insert(name, value);
            }
        }
    }
}
