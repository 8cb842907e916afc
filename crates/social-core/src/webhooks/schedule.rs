//! When a message that was not taken is sent again.

use std::time::Duration;

use crate::entropy::{self, Entropy};

/// The pauses between attempts, as Standard Webhooks suggests them: nine attempts over a day. Each pause grows by up
/// to a tenth at random, so that what failed together does not return together.
const PAUSES: [Duration; 8] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(4),
    Duration::from_hours(5),
    Duration::from_hours(6),
    Duration::from_hours(6),
];

/// One hour: a receiver may ask for a longer pause, but not for one that outlasts its own trouble.
const LONGEST_ASKED: Duration = Duration::from_hours(1);

/// Returns how long to wait after so many failures; `None`: the message is given up. `asked`: the receiver's
/// `Retry-After`.
pub(super) fn pause(failures: usize, asked: Option<Duration>, entropy: &dyn Entropy) -> Option<Duration> {
    let planned = *PAUSES.get(failures.checked_sub(1)?)?;
    let spread = entropy::jitter(planned / 10, entropy);
    Some((planned + spread).max(asked.unwrap_or_default().min(LONGEST_ASKED)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    #[test]
    fn a_message_is_tried_for_a_day_and_then_given_up() {
        let pauses: Vec<_> = (1..=9).map(|failures| pause(failures, None, &SystemEntropy)).collect();
        let whole: Duration = pauses.iter().flatten().sum();
        assert!(whole >= Duration::from_hours(23) && whole <= Duration::from_hours(27), "{whole:?}");
        assert_eq!(pauses.last(), Some(&None));
    }

    #[test]
    fn a_receiver_may_ask_for_a_longer_pause_of_up_to_an_hour() {
        let asked = |seconds| pause(1, Some(Duration::from_secs(seconds)), &SystemEntropy).unwrap();
        assert_eq!(asked(60), Duration::from_mins(1));
        assert_eq!(asked(86_400), Duration::from_hours(1));
        assert!(asked(0) >= Duration::from_secs(5));
    }
}
