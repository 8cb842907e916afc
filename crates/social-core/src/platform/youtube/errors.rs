//! YouTube's reasons with what to do and a sentence for the account's owner.
//!
//! Sources: YouTube Data API, "Errors", `videos.insert` and `channels.list`; the discovery document (revision
//! 20261104) for the values of `failureReason` and `rejectionReason`.

use std::time::Duration;

use crate::model::{HeldReason, HoldScope, Window};
use crate::platform::Disposition::{self, Ambiguous, Hold, Permanent, Reconnect, RefreshToken, UserFixable};
use crate::platform::error::{ErrorTable, UNNAMED_PAUSE};

/// A day: the channel's own cap on uploads counts over 24 hours.
const DAY: Duration = Duration::from_hours(24);
/// A day's quota is the whole app's, and begins anew at midnight Pacific time ("Quota Calculator").
const SPENT: Disposition = Hold {
    reason: HeldReason::Quota,
    window: Window::UntilMidnight("America/Los_Angeles"),
    scope: HoldScope::Platform,
};
/// The channel's own cap.
const FULL: Disposition =
    Hold { reason: HeldReason::Quota, window: Window::For(DAY), scope: HoldScope::Account };
const TOO_FAST: Disposition =
    Hold { reason: HeldReason::RateLimit, window: Window::For(UNNAMED_PAUSE), scope: HoldScope::Account };

const TOKEN: &str = "YouTube does not accept the account's token. Connect the account again.";
const SCOPE: &str = "The account was connected without a permission that is now needed. Connect it again and allow all of them.";
const NO_CHANNEL: &str =
    "The Google account has no YouTube channel. Create one at youtube.com, then connect the account again.";
const QUOTA: &str = "The app has used up what YouTube lets it do in a day. The post goes on by itself after midnight Pacific time.";
const SLOW_DOWN: &str = "YouTube asked us to slow down. The post goes on by itself.";
const TROUBLE: &str = "YouTube is having trouble. The post goes on by itself.";
const METADATA: &str = "YouTube finds something said about the video invalid. Check title, description, tags and options, then post it again.";
const FORBIDDEN: &str = "YouTube does not allow this for the account. Check in YouTube Studio what the channel may do, then post it again.";

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
        "The account's YouTube channel is closed. Connect another channel.",
    ),
    (
        "authenticatedUserAccountSuspended",
        Reconnect,
        "YouTube has suspended the account's channel. Resolve it in YouTube Studio, then connect the account again.",
    ),
    ("authenticatedUserNotChannel", Reconnect, NO_CHANNEL),
    ("quotaExceeded", SPENT, QUOTA),
    ("dailyLimitExceeded", SPENT, QUOTA),
    (
        "uploadLimitExceeded",
        FULL,
        "The channel has uploaded as many videos as YouTube allows it in 24 hours. The post goes on by itself when the window has passed.",
    ),
    ("rateLimitExceeded", TOO_FAST, SLOW_DOWN),
    ("userRateLimitExceeded", TOO_FAST, SLOW_DOWN),
    ("RESOURCE_EXHAUSTED", TOO_FAST, SLOW_DOWN),
    (
        "invalidTitle",
        UserFixable,
        "YouTube does not take the title. Give one of 1 to 100 characters without < and >, then post it again.",
    ),
    (
        "invalidDescription",
        UserFixable,
        "YouTube does not take the description. Shorten it to 5000 bytes and leave out < and >, then post it again.",
    ),
    (
        "invalidTags",
        UserFixable,
        "YouTube does not take the tags. Shorten them to 500 characters in all, then post it again.",
    ),
    (
        "invalidCategoryId",
        UserFixable,
        "YouTube does not take the category. Choose another or none, then post it again.",
    ),
    (
        "invalidPublishAt",
        UserFixable,
        "YouTube does not take the time of publication. It needs privacyStatus private and a time to come; post it again without it or with another.",
    ),
    (
        "invalidFilename",
        Permanent,
        "YouTube does not take the name of the file. Quote the code when you ask for help.",
    ),
    ("invalidRecordingDetails", Permanent, METADATA),
    ("invalidVideoGameRating", Permanent, METADATA),
    ("invalidVideoMetadata", Permanent, METADATA),
    (
        "defaultLanguageNotSet",
        UserFixable,
        "The video's language is missing. Give defaultLanguage, then post it again.",
    ),
    (
        "mediaBodyRequired",
        Permanent,
        "YouTube got no video. Check that its address is reachable, then post it again.",
    ),
    ("INVALID_ARGUMENT", Permanent, METADATA),
    (
        "forbiddenPrivacySetting",
        UserFixable,
        "YouTube does not allow the account this privacy setting. Choose another, then post it again.",
    ),
    (
        "forbiddenLicenseSetting",
        UserFixable,
        "YouTube does not allow the account this license. Choose another, then post it again.",
    ),
    ("forbidden", Permanent, FORBIDDEN),
    ("PERMISSION_DENIED", Permanent, FORBIDDEN),
    (
        "accessNotConfigured",
        Permanent,
        "The YouTube Data API is not switched on for the app; the operator must enable it in the Google Cloud console.",
    ),
    (
        "videoNotFound",
        Permanent,
        "YouTube no longer knows the video. Look at the channel and say whether the video is there.",
    ),
    (
        "playlistNotFound",
        Permanent,
        "YouTube does not list the channel's uploads. Look at the channel and say whether the video is there.",
    ),
    ("internalError", Ambiguous, TROUBLE),
    ("backendError", Ambiguous, TROUBLE),
    ("INTERNAL", Ambiguous, TROUBLE),
    ("UNAVAILABLE", Ambiguous, TROUBLE),
];

/// The values of `status.failureReason` and `status.rejectionReason`: nobody will see the video.
pub(super) const VERDICTS: ErrorTable = &[
    (
        "conversion",
        UserFixable,
        "YouTube could not convert the video. Export it as MP4 with H.264 and AAC, then post it again.",
    ),
    (
        "invalidFile",
        UserFixable,
        "YouTube does not accept the file. Export it as MP4 with H.264 and AAC, then post it again.",
    ),
    ("emptyFile", UserFixable, "YouTube finds the file empty. Export it anew, then post it again."),
    ("tooSmall", UserFixable, "YouTube finds the file too small. Export it anew, then post it again."),
    (
        "codec",
        UserFixable,
        "YouTube does not know the video's codec. Export it as MP4 with H.264 and AAC, then post it again.",
    ),
    ("uploadAborted", UserFixable, "YouTube says that the upload was broken off. Post it again."),
    (
        "copyright",
        UserFixable,
        "YouTube rejected the video for copyright. Look at it in YouTube Studio before you post it again.",
    ),
    (
        "inappropriate",
        UserFixable,
        "YouTube rejected the video as inappropriate. Look at it in YouTube Studio before you post it again.",
    ),
    (
        "duplicate",
        UserFixable,
        "YouTube rejected the video because the channel already has the same one. Look at the channel before you post it again.",
    ),
    (
        "termsOfUse",
        UserFixable,
        "YouTube rejected the video for its terms of use. Look at it in YouTube Studio before you post it again.",
    ),
    (
        "uploaderAccountSuspended",
        UserFixable,
        "YouTube has suspended the account's channel. Resolve it in YouTube Studio, then post it again.",
    ),
    (
        "uploaderAccountClosed",
        UserFixable,
        "The account's YouTube channel is closed. Connect another channel.",
    ),
    (
        "length",
        UserFixable,
        "The video is longer than YouTube allows the channel. Verify the channel at youtube.com/verify or cut the video, then post it again.",
    ),
    (
        "claim",
        UserFixable,
        "YouTube rejected the video because somebody claims it. Look at it in YouTube Studio before you post it again.",
    ),
    (
        "trademark",
        UserFixable,
        "YouTube rejected the video for a trademark. Look at it in YouTube Studio before you post it again.",
    ),
    (
        "legal",
        UserFixable,
        "YouTube rejected the video on legal grounds. Look at it in YouTube Studio before you post it again.",
    ),
    (
        "unnamed",
        UserFixable,
        "YouTube could not use the video and does not say why. Look at it in YouTube Studio before you post it again.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::token_reply::OAUTH_ERRORS;

    /// YouTube's and Google's documented codes, as their pages list them.
    const DOCUMENTED: &str = include_str!("../../../../../tests/fixtures/youtube/error_codes.txt");

    #[test]
    fn every_documented_code_has_its_disposition_and_a_sentence() {
        for line in DOCUMENTED.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (table, code) = line.split_once(' ').unwrap();
            let message = match table {
                "api" => API.iter().find(|row| row.0 == code).map(|row| row.2),
                "verdict" => VERDICTS.iter().find(|row| row.0 == code).map(|row| row.2),
                "oauth" => OAUTH_ERRORS.iter().find(|row| row.0 == code).map(|row| row.2),
                other => panic!("unknown table {other}"),
            };
            let message = message.unwrap_or_else(|| panic!("{table} {code} is not in its table"));
            assert!(message.ends_with('.') && message.len() > 30, "{code}: {message}");
        }
    }

    #[test]
    fn no_code_stands_twice() {
        for table in [API, VERDICTS] {
            let mut codes: Vec<_> = table.iter().map(|row| row.0).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), table.len());
        }
    }
}
