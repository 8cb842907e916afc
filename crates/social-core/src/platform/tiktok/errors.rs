//! TikTok's codes, with what to do and a sentence for the account's owner.
//!
//! Sources: Content Posting API reference (direct post, upload, status, cancel, creator info), "Get video
//! status" for the fail reasons, and the general v2 error handling page.

use std::time::Duration;

use crate::model::{HeldReason, HoldScope, Window};
use crate::platform::Disposition::{
    self, Ambiguous, Hold, Permanent, Reconnect, RefreshToken, Retry, UserFixable,
};
use crate::platform::error::{ErrorTable, UNNAMED_PAUSE};

/// A day: TikTok counts posts per creator, pending drafts and posting users over 24 hours.
const DAY: Duration = Duration::from_hours(24);
/// An hour: the app's own quota frees up as other users' days pass, so it is checked more often.
const HOUR: Duration = Duration::from_hours(1);

const fn quota(window: Duration) -> Disposition {
    Hold { reason: HeldReason::Quota, window: Window::For(window), scope: HoldScope::Account }
}

/// The codes of `error.code`.
pub(super) const API: ErrorTable = &[
    ("invalid_param", Permanent, "TikTok rejected the options or the caption. Check them and try again."),
    ("invalid_params", Permanent, "TikTok rejected the options or the caption. Check them and try again."),
    (
        "invalid_file_upload",
        Permanent,
        "TikTok doesn't accept this file. Export the video as MP4 (H.264) and try again.",
    ),
    (
        "app_version_check_failed",
        UserFixable,
        "The TikTok app on the phone is too old for drafts. Update it to 31.8 or later and try again.",
    ),
    (
        "scope_permission_missed",
        Reconnect,
        "This account is missing a permission that we need. Reconnect the account and allow every permission.",
    ),
    (
        "invalid_publish_id",
        Ambiguous,
        "TikTok no longer recognizes this post. Check the account, then tell us.",
    ),
    (
        "token_not_authorized_for_specified_publish_id",
        Ambiguous,
        "TikTok says this post belongs to another account. Check the account, then tell us.",
    ),
    (
        "publish_not_cancellable",
        Permanent,
        "It's too late to cancel: TikTok is already publishing the video.",
    ),
    (
        "access_token_invalid",
        RefreshToken,
        "TikTok no longer accepts our access to this account. Reconnect the account.",
    ),
    (
        "scope_not_authorized",
        Reconnect,
        "This account didn't allow posting. Reconnect the account and allow it.",
    ),
    ("spam_risk_too_many_posts", quota(DAY), "This account has reached TikTok's limit of posts in 24 hours."),
    (
        "spam_risk_user_banned_from_posting",
        UserFixable,
        "TikTok has banned this account from posting. Check the TikTok app for details.",
    ),
    (
        "spam_risk_too_many_pending_share",
        quota(DAY),
        "This account already has five drafts in its TikTok inbox. Post or delete them in the TikTok app.",
    ),
    (
        "reached_active_user_cap",
        quota(HOUR),
        "This app has reached TikTok's limit of users who can post in 24 hours.",
    ),
    (
        "unaudited_client_can_only_post_to_private_accounts",
        UserFixable,
        "TikTok hasn't audited this app yet, so it can only post to private accounts. Make the account private in the TikTok app and try again.",
    ),
    (
        "url_ownership_unverified",
        Permanent,
        "TikTok doesn't accept videos from this web address. Contact support: the URL prefix isn't verified in TikTok's developer portal.",
    ),
    (
        "privacy_level_option_mismatch",
        UserFixable,
        "This account no longer offers the privacy level you chose. Choose another one and try again.",
    ),
    (
        "rate_limit_exceeded",
        Hold { reason: HeldReason::RateLimit, window: Window::For(UNNAMED_PAUSE), scope: HoldScope::Account },
        "TikTok asked us to slow down for a while.",
    ),
    ("internal_error", Ambiguous, "TikTok is having problems. Try again later."),
];

/// The values of `fail_reason`: TikTok has ended this publish, so nothing of it is public.
pub(super) const FAIL_REASONS: ErrorTable = &[
    (
        "file_format_check_failed",
        UserFixable,
        "TikTok doesn't accept the video's format. Export it as MP4 with H.264 and try again.",
    ),
    (
        "duration_check_failed",
        UserFixable,
        "The video is too short or too long for this account. Change its length and try again.",
    ),
    (
        "frame_rate_check_failed",
        UserFixable,
        "TikTok needs 23 to 60 frames per second. Export the video at 30 and try again.",
    ),
    (
        "picture_size_check_failed",
        UserFixable,
        "TikTok needs a width and height of 360 to 4096 pixels. Export the video at 1080 × 1920 and try again.",
    ),
    ("internal", Retry { after: None }, "TikTok couldn't process the video. Try again later."),
    (
        "video_pull_failed",
        Retry { after: None },
        "TikTok couldn't download the video. Check that its link is public, fast and valid for at least an hour, then try again.",
    ),
    (
        "photo_pull_failed",
        Retry { after: None },
        "TikTok couldn't download a photo. Check that its link is public and try again.",
    ),
    ("publish_cancelled", Permanent, "The post was cancelled before TikTok published it."),
    // The grant that published. The query had a valid token: the account may have been connected again since.
    ("auth_removed", RefreshToken, "The account's owner withdrew the permission. Reconnect the account."),
    ("spam_risk_too_many_posts", quota(DAY), "This account has reached TikTok's limit of posts in 24 hours."),
    (
        "spam_risk_user_banned_from_posting",
        UserFixable,
        "TikTok has banned this account from posting. Check the TikTok app for details.",
    ),
    ("spam_risk_text", UserFixable, "TikTok flagged the caption as risky. Change it and try again."),
    (
        "spam_risk",
        UserFixable,
        "TikTok flagged this post as risky and refused it. Change it, or post it in the TikTok app.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::testing::{assert_documented, assert_unique};

    /// TikTok's documented codes, as its pages list them.
    const DOCUMENTED: &str = include_str!("../../../../../tests/fixtures/tiktok/error_codes.txt");

    #[test]
    fn every_documented_code_has_its_disposition_and_a_sentence() {
        assert_documented(DOCUMENTED, &[("api", API), ("fail_reason", FAIL_REASONS)]);
    }

    #[test]
    fn no_code_occurs_twice() {
        [API, FAIL_REASONS].into_iter().for_each(assert_unique);
    }
}
