//! TikTok's codes with what to do and a sentence for the account's owner.
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
/// An hour: the app's own cap frees up as other users' day passes, so it is worth a look more often.
const HOUR: Duration = Duration::from_hours(1);

const fn quota(window: Duration) -> Disposition {
    Hold { reason: HeldReason::Quota, window: Window::For(window), scope: HoldScope::Account }
}

/// The codes of `error.code`.
pub(super) const API: ErrorTable = &[
    (
        "invalid_param",
        Permanent,
        "TikTok finds a parameter of the post invalid. Check the options and the caption.",
    ),
    (
        "invalid_params",
        Permanent,
        "TikTok finds a parameter of the post invalid. Check the options and the caption.",
    ),
    (
        "invalid_file_upload",
        Permanent,
        "TikTok does not accept the file. Export the video as MP4 (H.264) and post it again.",
    ),
    (
        "app_version_check_failed",
        UserFixable,
        "The TikTok app on the account's phone is too old for drafts. Update it to 31.8 or later and post again.",
    ),
    (
        "scope_permission_missed",
        Reconnect,
        "The account was connected without a permission that is now needed. Connect it again and allow all of them.",
    ),
    (
        "invalid_publish_id",
        Ambiguous,
        "TikTok no longer knows this post. Look at the account's profile and say whether the video is there.",
    ),
    (
        "token_not_authorized_for_specified_publish_id",
        Ambiguous,
        "TikTok says the post belongs to another account. Look at the account's profile and say whether the video is there.",
    ),
    (
        "publish_not_cancellable",
        Permanent,
        "It is too late to cancel: TikTok is already publishing the video.",
    ),
    (
        "access_token_invalid",
        RefreshToken,
        "TikTok does not accept the account's token. Connect the account again.",
    ),
    (
        "scope_not_authorized",
        Reconnect,
        "The account was connected without the permission to post. Connect it again and allow posting.",
    ),
    (
        "spam_risk_too_many_posts",
        quota(DAY),
        "The account has posted as often as TikTok allows in 24 hours. The post goes on by itself when the window has passed.",
    ),
    (
        "spam_risk_user_banned_from_posting",
        UserFixable,
        "TikTok has banned this account from posting. Resolve it in the TikTok app, then try again.",
    ),
    (
        "spam_risk_too_many_pending_share",
        quota(DAY),
        "Five drafts already wait in the account's TikTok inbox. Finish or delete them there; the post goes on by itself after 24 hours.",
    ),
    (
        "reached_active_user_cap",
        quota(HOUR),
        "The app has reached the number of TikTok users it may post for in 24 hours. The post goes on by itself.",
    ),
    (
        "unaudited_client_can_only_post_to_private_accounts",
        UserFixable,
        "Until TikTok has audited the app, it may post to private accounts only. Set the account to private in the TikTok app and try again.",
    ),
    (
        "url_ownership_unverified",
        Permanent,
        "TikTok has not verified that the video's address is the app's own. The operator must verify the URL prefix in TikTok's portal or take it out of TIKTOK_VERIFIED_URL_PREFIXES.",
    ),
    (
        "privacy_level_option_mismatch",
        UserFixable,
        "The account no longer offers the chosen privacy level. Choose again and post again.",
    ),
    (
        "rate_limit_exceeded",
        Hold { reason: HeldReason::RateLimit, window: Window::For(UNNAMED_PAUSE), scope: HoldScope::Account },
        "TikTok asked us to slow down. The post goes on by itself.",
    ),
    ("internal_error", Ambiguous, "TikTok is having trouble. The post goes on by itself."),
];

/// The values of `fail_reason`: TikTok has given this publish up, so nothing of it is public.
pub(super) const FAIL_REASONS: ErrorTable = &[
    (
        "file_format_check_failed",
        UserFixable,
        "TikTok does not accept the video's format. Export it as MP4 with H.264 and post it again.",
    ),
    (
        "duration_check_failed",
        UserFixable,
        "The video is too short or too long for this account. Cut it and post it again.",
    ),
    (
        "frame_rate_check_failed",
        UserFixable,
        "TikTok takes 23 to 60 frames per second. Export the video with 30 and post it again.",
    ),
    (
        "picture_size_check_failed",
        UserFixable,
        "TikTok takes videos of 360 to 4096 pixels a side. Export the video in 1080 × 1920 and post it again.",
    ),
    ("internal", Retry { after: None }, "TikTok failed to process the video twice. Try again later."),
    (
        "video_pull_failed",
        Retry { after: None },
        "TikTok could not download the video from its address. Check that it is public, fast and stays valid for an hour, then post it again.",
    ),
    (
        "photo_pull_failed",
        Retry { after: None },
        "TikTok could not download a photo from its address. Check that it is public and post again.",
    ),
    ("publish_cancelled", Permanent, "The post was cancelled before TikTok published it."),
    (
        "auth_removed",
        Reconnect,
        "The account's owner has withdrawn the permission. Connect the account again.",
    ),
    (
        "spam_risk_too_many_posts",
        quota(DAY),
        "The account has posted as often as TikTok allows in 24 hours. The post goes on by itself when the window has passed.",
    ),
    (
        "spam_risk_user_banned_from_posting",
        UserFixable,
        "TikTok has banned this account from posting. Resolve it in the TikTok app, then try again.",
    ),
    ("spam_risk_text", UserFixable, "TikTok finds the caption risky. Change it and post again."),
    (
        "spam_risk",
        UserFixable,
        "TikTok finds the post risky and declined it. Post it in the TikTok app or change it.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::token_reply::OAUTH_ERRORS;

    /// TikTok's documented codes, as its pages list them.
    const DOCUMENTED: &str = include_str!("../../../../../tests/fixtures/tiktok/error_codes.txt");

    #[test]
    fn every_documented_code_has_its_disposition_and_a_sentence() {
        for line in DOCUMENTED.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (table, code) = line.split_once(' ').unwrap();
            let message = match table {
                "api" => API.iter().find(|row| row.0 == code).map(|row| row.2),
                "fail_reason" => FAIL_REASONS.iter().find(|row| row.0 == code).map(|row| row.2),
                "oauth" => OAUTH_ERRORS.iter().find(|row| row.0 == code).map(|row| row.2),
                other => panic!("unknown table {other}"),
            };
            let message = message.unwrap_or_else(|| panic!("{table} {code} is not in its table"));
            assert!(message.ends_with('.') && message.len() > 30, "{code}: {message}");
        }
    }

    #[test]
    fn no_code_stands_twice() {
        for table in [API, FAIL_REASONS] {
            let mut codes: Vec<_> = table.iter().map(|row| row.0).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), table.len());
        }
    }
}
