//! Instagram's publishing codes, with what to do and a sentence for the account's owner.
//!
//! Sources: Instagram Platform, "Error codes" (the subcodes that begin with 2207); those marked so were only
//! seen by integrators. `Retry` in this table means another container: the one before was never visible.

use std::time::Duration;

use crate::platform::Disposition::{self, Ambiguous, Permanent, Reconnect, Retry, UserFixable};
use crate::platform::PlatformError;
use crate::platform::error::ErrorTable;
use crate::platform::meta::quota;

/// A minute: an error on Instagram's side may pass by then.
const ANEW: Disposition = Retry { after: Some(Duration::from_mins(1)) };
/// An hour: the quota's 24 hours are a sliding window, and the quota is read again before publishing.
const WINDOW: Duration = Duration::from_hours(1);

pub(super) const NOT_READY: &str = "2207027";
pub(super) const QUOTA: &str = "2207042";
pub(super) const SPAM: &str = "2207051";
pub(super) const MISSING: &str = "2207006";
pub(super) const UNKNOWN: &str = "2207008";
pub(super) const EXPIRED: &str = "2207020";

pub(super) const FULL: &str = "This account has reached Instagram's limit of posts in 24 hours.";

/// Reports whether the error is in this table: then its container has failed.
pub(super) fn is_of(error: &PlatformError) -> bool {
    PUBLISHING.iter().any(|(code, ..)| *code == error.code)
}

/// By subcode.
pub(super) const PUBLISHING: ErrorTable = &[
    ("2207001", Ambiguous, "Instagram is having problems. Try again later."),
    (
        "2207003",
        ANEW,
        "Instagram couldn't download the video in time. Move it to a faster host and try again.",
    ),
    ("2207004", UserFixable, "The cover image is too large. Choose a JPEG of up to 8 MB and try again."),
    ("2207005", UserFixable, "Instagram doesn't support the cover's format. Choose a JPEG and try again."),
    (MISSING, ANEW, "Instagram no longer shows us the uploaded video. Reconnect the account."),
    (UNKNOWN, ANEW, "Instagram couldn't find the uploaded video. Try again later."),
    (
        "2207009",
        UserFixable,
        "Instagram doesn't support the cover's aspect ratio. Choose a 9:16 JPEG and try again.",
    ),
    ("2207010", UserFixable, "The caption is too long for Instagram. Shorten it and try again."),
    (EXPIRED, ANEW, "The upload expired at Instagram before it could be published. Try again."),
    (
        "2207023",
        Permanent,
        "Instagram doesn't recognize this type of post. Contact support and quote the code.",
    ),
    (
        "2207026",
        UserFixable,
        "Instagram doesn't support the video's format. Export it as MP4 (H.264, AAC) and try again.",
    ),
    (NOT_READY, ANEW, "Instagram wasn't ready to publish the video. Try again later."),
    ("2207028", Permanent, "A carousel on Instagram needs 2 to 10 items."),
    ("2207032", ANEW, "Instagram couldn't start the post. Try again later."),
    (
        "2207035",
        UserFixable,
        "Instagram doesn't accept one of the tagged people. Remove the tags and try again.",
    ),
    (
        "2207036",
        UserFixable,
        "Instagram doesn't accept one of the tagged people. Remove the tags and try again.",
    ),
    (
        "2207037",
        UserFixable,
        "Instagram doesn't accept one of the tagged people. Remove the tags and try again.",
    ),
    ("2207040", UserFixable, "Instagram doesn't accept that many tags. Remove some and try again."),
    (QUOTA, quota(WINDOW), FULL),
    (
        "2207050",
        Reconnect,
        "Instagram has restricted this account. Log in to the Instagram app, follow the steps, then reconnect the account.",
    ),
    (SPAM, UserFixable, "Instagram blocked this post as spam. Wait a day, change the text and try again."),
    (
        "2207052",
        ANEW,
        "Instagram couldn't download the video or its cover. Their links must be public, without login or redirect, and report the right type and size.",
    ),
    ("2207053", ANEW, "Instagram couldn't process the upload. Try again later."),
    ("2207057", UserFixable, "The cover frame is outside the video. Choose another frame and try again."),
    // Seen by integrators, not documented on Meta's pages.
    ("2207077", ANEW, "Instagram couldn't download the video. Check its link and try again."),
    ("2207081", UserFixable, "This account can't publish trial Reels. Post it as a regular Reel."),
    ("2207082", ANEW, "Instagram couldn't process the upload. Try again later."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::tests::assert_documented;
    use crate::platform::testing::assert_unique;

    /// Every documented code, as Meta's pages list them.
    const DOCUMENTED: &str = include_str!("../../../../../tests/fixtures/instagram/error_codes.txt");

    #[test]
    fn every_documented_code_has_its_disposition_and_a_sentence() {
        assert_documented(DOCUMENTED, PUBLISHING);
    }

    #[test]
    fn no_code_occurs_twice() {
        assert_unique(PUBLISHING);
    }
}
