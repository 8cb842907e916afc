//! Waits for another process, with a time limit.

use std::thread;
use std::time::Duration;

/// The pause between two checks. A check costs a few microseconds.
const PAUSE: Duration = Duration::from_millis(10);

/// Checks until there is a result; `None` after about `seconds`.
pub(crate) fn wait_for<T>(seconds: u32, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    for _ in 0..seconds.saturating_mul(100) {
        if let Some(answer) = look() {
            return Some(answer);
        }
        thread::sleep(PAUSE);
    }
    None
}
