//! Waiting for another process, with a bound.

use std::thread;
use std::time::Duration;

/// How long between two looks. A look costs a few microseconds.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until there is an answer; `None` after about `seconds`.
pub(crate) fn wait_for<T>(seconds: u32, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    for _ in 0..seconds.saturating_mul(100) {
        if let Some(answer) = look() {
            return Some(answer);
        }
        thread::sleep(PAUSE);
    }
    None
}
