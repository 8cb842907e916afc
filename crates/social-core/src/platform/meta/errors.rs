//! The Graph API's codes that any call may meet (Graph API, error handling; rate limiting).

use std::time::Duration;

use crate::model::{HeldReason, HoldScope, Window};
use crate::platform::Disposition::{self, Ambiguous, Hold, Permanent, Reconnect, UserFixable};
use crate::platform::error::ErrorTable;

/// An hour: a throttled app is told nothing more precise, and calls meanwhile only lengthen it.
const THROTTLE: Duration = Duration::from_hours(1);
/// A day: what Meta has blocked for its policies is not freed sooner.
const BLOCKED: Duration = Duration::from_hours(24);

/// Held until a quota of the account has room again.
pub(in crate::platform) const fn quota(window: Duration) -> Disposition {
    Hold { reason: HeldReason::Quota, window: Window::For(window), scope: HoldScope::Account }
}

/// Held until calls for the account are taken again.
const fn throttled(window: Duration) -> Disposition {
    Hold { reason: HeldReason::RateLimit, window: Window::For(window), scope: HoldScope::Account }
}

/// Held until calls of the app are taken again.
const THROTTLED_APP: Disposition =
    Hold { reason: HeldReason::RateLimit, window: Window::For(THROTTLE), scope: HoldScope::Platform };

const SLOW_DOWN: &str = "Meta asked us to slow down. The post goes on by itself.";
const AGAIN: &str = "The account's permission has ended. Connect it again, and the post goes on by itself.";
const TROUBLE: &str = "Meta is having trouble. The post goes on by itself.";

/// `code`, or `code/subcode`.
pub(in crate::platform) const SHARED: ErrorTable = &[
    ("1", Ambiguous, TROUBLE),
    ("2", Ambiguous, TROUBLE),
    (
        "3",
        Permanent,
        "The app is not allowed to do this at Meta. The operator must check the app's permissions and its review.",
    ),
    ("4", THROTTLED_APP, SLOW_DOWN),
    ("17", throttled(THROTTLE), SLOW_DOWN),
    ("32", throttled(THROTTLE), SLOW_DOWN),
    ("341", THROTTLED_APP, SLOW_DOWN),
    ("613", throttled(THROTTLE), SLOW_DOWN),
    ("80001", throttled(THROTTLE), SLOW_DOWN),
    ("80002", throttled(THROTTLE), SLOW_DOWN),
    (
        "10",
        Reconnect,
        "The account was connected without a permission that is now needed. Connect it again and allow all of them.",
    ),
    (
        "200",
        Reconnect,
        "A permission to publish is missing or was withdrawn. Connect the account again and allow all of them.",
    ),
    (
        "100",
        Permanent,
        "Meta finds a parameter of the post invalid. Check the options and the caption, and post it again.",
    ),
    (
        "100/33",
        Permanent,
        "Meta does not know the account or the video any more, or no longer shows it to us. Connect the account again and post once more.",
    ),
    ("102", Reconnect, "The session behind the account has ended. Connect the account again."),
    ("190", Reconnect, AGAIN),
    (
        "190/458",
        Reconnect,
        "The account's owner has removed the app. Connect the account again, and the post goes on by itself.",
    ),
    (
        "190/459",
        Reconnect,
        "Meta wants the account's owner to confirm something first. Log in at facebook.com or in the app, do so, and connect the account again.",
    ),
    (
        "190/460",
        Reconnect,
        "The password behind the account was changed. Connect the account again, and the post goes on by itself.",
    ),
    (
        "190/463",
        Reconnect,
        "The account's permission has lapsed. Connect it again, and the post goes on by itself.",
    ),
    (
        "190/464",
        Reconnect,
        "The account's owner has not confirmed the account yet. Confirm it with Meta, and connect the account again.",
    ),
    ("190/467", Reconnect, AGAIN),
    (
        "190/492",
        Reconnect,
        "Whoever connected the Page no longer has a role on it. Let somebody with full access connect it again.",
    ),
    (
        "368",
        throttled(BLOCKED),
        "Meta has blocked the account from posting for now, for its policies. Look into the app what it says; the post is tried again after a day.",
    ),
    (
        "506",
        UserFixable,
        "Meta takes this for the same post twice in a row. Change the text and post it again.",
    ),
];

/// The numbers in a text that have as many digits as the publishing codes, in order.
pub(in crate::platform) fn numbers_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| digits.len() == 7)
}
