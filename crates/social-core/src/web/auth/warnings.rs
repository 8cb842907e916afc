//! Limits warnings, so that a flood of bad tokens does not flood the log.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Timestamp, between};

/// A minute: often enough to be noticed, rarely enough to be read.
const PAUSE: Duration = Duration::from_mins(1);

/// When each cause was last logged.
#[derive(Debug, Default)]
pub(super) struct Warnings(Mutex<HashMap<&'static str, Timestamp>>);

impl Warnings {
    /// Reports whether a cause may be logged now, and counts that as done.
    pub(super) fn is_due(&self, cause: &'static str, now: Timestamp) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.get(cause).is_none_or(|at| between(*at, now) >= PAUSE);
        if is_due {
            last.insert(cause, now);
        }
        is_due
    }
}
