//! The Graph API's codes that any call may receive (Graph API, error handling; rate limiting).

use std::time::Duration;

use crate::model::{HeldReason, HoldScope, Window};
use crate::platform::Disposition::{self, Ambiguous, Hold, Permanent, Reconnect, UserFixable};
use crate::platform::error::ErrorTable;

/// An hour: Meta names no shorter time to a throttled app, and calls in between only prolong it.
const THROTTLE: Duration = Duration::from_hours(1);
/// A day: what Meta has blocked for its policies is not released sooner.
const BLOCKED: Duration = Duration::from_hours(24);

/// Holds until a quota of the account has room again.
pub(in crate::platform) const fn quota(window: Duration) -> Disposition {
    Hold { reason: HeldReason::Quota, window: Window::For(window), scope: HoldScope::Account }
}

/// Holds until calls for the account are accepted again.
const fn throttled(window: Duration) -> Disposition {
    Hold { reason: HeldReason::RateLimit, window: Window::For(window), scope: HoldScope::Account }
}

/// Holds until calls of the app are accepted again.
const THROTTLED_APP: Disposition =
    Hold { reason: HeldReason::RateLimit, window: Window::For(THROTTLE), scope: HoldScope::Platform };

const SLOW_DOWN: &str = "Meta asked us to slow down for a while.";
const AGAIN: &str = "The permission for this account has ended. Reconnect the account.";
const TROUBLE: &str = "Meta is having problems. Try again later.";

/// `code`, or `code/subcode`.
pub(in crate::platform) const SHARED: ErrorTable = &[
    ("1", Ambiguous, TROUBLE),
    ("2", Ambiguous, TROUBLE),
    (
        "3",
        Permanent,
        "Meta doesn't allow this app to do that. Contact support: the app's permissions or its review need checking.",
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
        "This account is missing a permission that we need. Reconnect the account and allow every permission.",
    ),
    (
        "200",
        Reconnect,
        "The permission to publish is missing or was withdrawn. Reconnect the account and allow every permission.",
    ),
    ("100", Permanent, "Meta rejected the options or the caption. Check them and try again."),
    (
        "100/33",
        Permanent,
        "We no longer have access to this account or video. Reconnect the account and try again.",
    ),
    ("102", Reconnect, "Your session with Meta has ended. Reconnect the account."),
    ("190", Reconnect, AGAIN),
    ("190/458", Reconnect, "The account's owner removed this app. Reconnect the account."),
    (
        "190/459",
        Reconnect,
        "Meta needs the account's owner to confirm something first. Log in at facebook.com or in the app, follow the steps, then reconnect the account.",
    ),
    ("190/460", Reconnect, "The password of this account was changed. Reconnect the account."),
    ("190/463", Reconnect, "The permission for this account has expired. Reconnect the account."),
    (
        "190/464",
        Reconnect,
        "This account isn't confirmed yet. Confirm it with Meta, then reconnect the account.",
    ),
    ("190/467", Reconnect, AGAIN),
    (
        "190/492",
        Reconnect,
        "The person who connected this Page no longer has a role on it. Ask someone with full access to reconnect it.",
    ),
    (
        "368",
        throttled(BLOCKED),
        "Meta has temporarily blocked this account from posting. Check the app for details.",
    ),
    ("506", UserFixable, "Meta sees this as a duplicate of your last post. Change the text and try again."),
];

/// Returns the numbers in a text that have as many digits as the publishing codes, in order.
pub(in crate::platform) fn numbers_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| digits.len() == 7)
}
