//! YouTube's reasons, with what to do and a sentence for the account's owner.
//!
//! Sources: YouTube Data API, "Errors", `videos.insert` and `channels.list`; the discovery document (revision
//! 20261104) for the values of `failureReason` and `rejectionReason`.

use std::time::Duration;

use crate::model::{HeldReason, HoldScope, Window};
use crate::platform::Disposition::{self, Ambiguous, Hold, Permanent, Reconnect, RefreshToken, UserFixable};
use crate::platform::error::{ErrorTable, UNNAMED_PAUSE};

/// A day: the channel's own limit on uploads counts over 24 hours.
const DAY: Duration = Duration::from_hours(24);
/// A daily quota belongs to the whole app, and resets at midnight Pacific time ("Quota Calculator").
const SPENT: Disposition = Hold {
    reason: HeldReason::Quota,
    window: Window::UntilMidnight("America/Los_Angeles"),
    scope: HoldScope::Platform,
};
/// The channel's own limit.
const FULL: Disposition =
    Hold { reason: HeldReason::Quota, window: Window::For(DAY), scope: HoldScope::Account };
const TOO_FAST: Disposition =
    Hold { reason: HeldReason::RateLimit, window: Window::For(UNNAMED_PAUSE), scope: HoldScope::Account };

const TOKEN: &str = "YouTube no longer accepts our access to this account. Reconnect the account.";
const SCOPE: &str =
    "This account is missing a permission that we need. Reconnect the account and allow every permission.";
const NO_CHANNEL: &str =
    "This Google account has no YouTube channel. Create one at youtube.com, then reconnect the account.";
const QUOTA: &str = "This app has reached YouTube's daily limit, which resets at midnight Pacific time.";
const SLOW_DOWN: &str = "YouTube asked us to slow down for a while.";
const TROUBLE: &str = "YouTube is having problems. Try again later.";
const METADATA: &str = "YouTube rejected the title, description, tags or settings. Check them and try again.";
const FORBIDDEN: &str = "YouTube doesn't allow this for your channel. Check your channel's features in YouTube Studio, then try again.";

/// The values of `error.errors[].reason`, and of `error.status` where there is none.
pub(super) const API: ErrorTable = &[
    ("authError", RefreshToken, TOKEN),
    ("expired", RefreshToken, TOKEN),
    ("authorizationRequired", RefreshToken, TOKEN),
    ("required", RefreshToken, TOKEN),
    ("UNAUTHENTICATED", RefreshToken, TOKEN),
    ("youtubeSignupRequired", Reconnect, NO_CHANNEL),
    ("insufficientPermissions", Reconnect, SCOPE),
    (
        "authenticatedUserAccountClosed",
        Reconnect,
        "The YouTube channel of this account is closed. Restore it, then reconnect the account.",
    ),
    (
        "authenticatedUserAccountSuspended",
        Reconnect,
        "YouTube has suspended this channel. Resolve it in YouTube Studio, then reconnect the account.",
    ),
    ("authenticatedUserNotChannel", Reconnect, NO_CHANNEL),
    ("quotaExceeded", SPENT, QUOTA),
    ("dailyLimitExceeded", SPENT, QUOTA),
    ("uploadLimitExceeded", FULL, "This channel has reached YouTube's limit of uploads in 24 hours."),
    ("rateLimitExceeded", TOO_FAST, SLOW_DOWN),
    ("userRateLimitExceeded", TOO_FAST, SLOW_DOWN),
    ("RESOURCE_EXHAUSTED", TOO_FAST, SLOW_DOWN),
    (
        "invalidTitle",
        UserFixable,
        "YouTube rejected the title. Use 1 to 100 characters without < and >, then try again.",
    ),
    (
        "invalidDescription",
        UserFixable,
        "YouTube rejected the description. Shorten it to 5000 bytes, remove < and >, then try again.",
    ),
    (
        "invalidTags",
        UserFixable,
        "YouTube rejected the tags. Shorten them to 500 characters in total, then try again.",
    ),
    (
        "invalidCategoryId",
        UserFixable,
        "YouTube rejected the category. Choose another one or none, then try again.",
    ),
    (
        "invalidPublishAt",
        UserFixable,
        "YouTube rejected the release time. It must be in the future, and the video private. Change or remove it and try again.",
    ),
    ("invalidFilename", Permanent, "YouTube rejected the file's name. Contact support and quote the code."),
    ("invalidRecordingDetails", Permanent, METADATA),
    ("invalidVideoGameRating", Permanent, METADATA),
    ("invalidVideoMetadata", Permanent, METADATA),
    (
        "defaultLanguageNotSet",
        UserFixable,
        "The video's language is missing. Set defaultLanguage and try again.",
    ),
    ("mediaBodyRequired", Permanent, "YouTube received no video. Check the video's link and try again."),
    ("INVALID_ARGUMENT", Permanent, METADATA),
    (
        "forbiddenPrivacySetting",
        UserFixable,
        "YouTube doesn't allow this privacy setting for your channel. Choose another one and try again.",
    ),
    (
        "forbiddenLicenseSetting",
        UserFixable,
        "YouTube doesn't allow this license for your channel. Choose another one and try again.",
    ),
    ("forbidden", Permanent, FORBIDDEN),
    ("PERMISSION_DENIED", Permanent, FORBIDDEN),
    (
        "accessNotConfigured",
        Permanent,
        "This app can't use YouTube yet. Contact support: the YouTube Data API isn't enabled in the Google Cloud console.",
    ),
    (
        "videoNotFound",
        Permanent,
        "YouTube can't find this video any more. Check the channel in YouTube Studio.",
    ),
    (
        "playlistNotFound",
        Permanent,
        "YouTube doesn't show us the channel's uploads. Check the channel in YouTube Studio.",
    ),
    ("internalError", Ambiguous, TROUBLE),
    ("backendError", Ambiguous, TROUBLE),
    ("INTERNAL", Ambiguous, TROUBLE),
    ("UNAVAILABLE", Ambiguous, TROUBLE),
];

/// The values of `status.failureReason` and `status.rejectionReason`: the video will never be visible.
pub(super) const VERDICTS: ErrorTable = &[
    (
        "conversion",
        UserFixable,
        "YouTube couldn't convert the video. Export it as MP4 with H.264 and AAC, then try again.",
    ),
    (
        "invalidFile",
        UserFixable,
        "YouTube doesn't accept this file. Export it as MP4 with H.264 and AAC, then try again.",
    ),
    ("emptyFile", UserFixable, "YouTube says the file is empty. Export it again and retry."),
    ("tooSmall", UserFixable, "YouTube says the file is too small. Export it again and retry."),
    (
        "codec",
        UserFixable,
        "YouTube doesn't support the video's codec. Export it as MP4 with H.264 and AAC, then try again.",
    ),
    ("uploadAborted", UserFixable, "YouTube says the upload was interrupted. Try again."),
    (
        "copyright",
        UserFixable,
        "YouTube rejected the video because of copyright. Check YouTube Studio before you try again.",
    ),
    (
        "inappropriate",
        UserFixable,
        "YouTube rejected the video as inappropriate. Check YouTube Studio before you try again.",
    ),
    (
        "duplicate",
        UserFixable,
        "YouTube rejected the video because your channel already has it. Check the channel before you try again.",
    ),
    (
        "termsOfUse",
        UserFixable,
        "YouTube says the video breaks its terms of use. Check YouTube Studio before you try again.",
    ),
    (
        "uploaderAccountSuspended",
        UserFixable,
        "YouTube has suspended this channel. Resolve it in YouTube Studio, then try again.",
    ),
    (
        "uploaderAccountClosed",
        UserFixable,
        "The YouTube channel of this account is closed. Connect another channel.",
    ),
    (
        "length",
        UserFixable,
        "The video is longer than YouTube allows for this channel. Verify the channel at youtube.com/verify or trim the video, then try again.",
    ),
    (
        "claim",
        UserFixable,
        "YouTube rejected the video because of a claim on it. Check YouTube Studio before you try again.",
    ),
    (
        "trademark",
        UserFixable,
        "YouTube rejected the video because of a trademark. Check YouTube Studio before you try again.",
    ),
    (
        "legal",
        UserFixable,
        "YouTube rejected the video for legal reasons. Check YouTube Studio before you try again.",
    ),
    (
        "unnamed",
        UserFixable,
        "YouTube couldn't use the video and doesn't say why. Check YouTube Studio before you try again.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::testing::{assert_documented, assert_unique};

    /// YouTube's and Google's documented codes, as their pages list them.
    const DOCUMENTED: &str = include_str!("../../../../../tests/fixtures/youtube/error_codes.txt");

    #[test]
    fn every_documented_code_has_its_disposition_and_a_sentence() {
        assert_documented(DOCUMENTED, &[("api", API), ("verdict", VERDICTS)]);
    }

    #[test]
    fn no_code_occurs_twice() {
        [API, VERDICTS].into_iter().for_each(assert_unique);
    }
}
