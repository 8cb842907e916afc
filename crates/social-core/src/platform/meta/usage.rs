//! The usage headers: how much of its budget an app or an account has used (Graph API, rate limiting).
//!
//! They come only after enough traffic, as JSON in a header. `X-App-Usage` is one object of percentages.
//! `X-Business-Use-Case-Usage` maps an id to a list of them; there, `estimated_time_to_regain_access` is in
//! minutes.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;

use crate::http::{Reply, lenient};
use crate::platform::members;

/// From 90 % of the budget on, calls that can wait do wait.
const PRESSING: u64 = 90;
/// Ten minutes between two checks while the budget is nearly used up.
const PRESSED_PAUSE: Duration = Duration::from_mins(10);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    #[serde(deserialize_with = "members::count")]
    call_count: Option<u64>,
    #[serde(deserialize_with = "members::count")]
    total_time: Option<u64>,
    #[serde(deserialize_with = "members::count")]
    total_cputime: Option<u64>,
    #[serde(deserialize_with = "members::count")]
    estimated_time_to_regain_access: Option<u64>,
}

impl Entry {
    fn percent(&self) -> Option<u64> {
        self.call_count.max(self.total_time).max(self.total_cputime)
    }
}

fn entries(reply: &Reply) -> Vec<Entry> {
    let app = reply.header("x-app-usage").and_then(|text| lenient::read::<Entry>(text.as_bytes()).ok());
    let business = reply
        .header("x-business-use-case-usage")
        .and_then(|text| lenient::read::<HashMap<String, Vec<Entry>>>(text.as_bytes()).ok());
    app.into_iter().chain(business.into_iter().flat_map(HashMap::into_values).flatten()).collect()
}

/// Returns how long until calls are accepted again, if a throttled response names it.
pub(super) fn regain(reply: &Reply) -> Option<Duration> {
    let minutes = entries(reply).iter().filter_map(|entry| entry.estimated_time_to_regain_access).max()?;
    // A day at most: the windows are an hour and a day.
    (minutes > 0).then(|| Duration::from_mins(minutes.min(24 * 60)))
}

/// Reports whether the budget is nearly used up.
fn is_pressed(reply: &Reply) -> bool {
    entries(reply).iter().any(|entry| entry.percent() >= Some(PRESSING))
}

/// Returns a pause before the next check, longer if the budget is nearly used up.
pub(in crate::platform) fn pressed(pause: Duration, reply: &Reply) -> Duration {
    if !is_pressed(reply) {
        return pause;
    }
    pause.max(regain(reply).unwrap_or(PRESSED_PAUSE))
}
