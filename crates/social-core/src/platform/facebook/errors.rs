//! Facebook's publishing codes, with what to do and a sentence for the Page's owner.
//!
//! Sources: "Reels publishing" and the `videos` reference; those marked so were only seen by integrators.
//! Numbers above 1 000 000 mostly come as subcodes, and sometimes as codes. `Retry` in this table means
//! another video: the one before was never visible.

use std::time::Duration;

use crate::platform::Disposition::{self, Reconnect, Retry, UserFixable};
use crate::platform::error::ErrorTable;
use crate::platform::meta::quota;

/// A minute: an error on Facebook's side may pass by then.
const ANEW: Disposition = Retry { after: Some(Duration::from_mins(1)) };
/// An hour: the quota is a sliding window of 24 hours.
const TOO_FAST: Disposition = quota(Duration::from_hours(1));

/// Graph reports it only in its text: the person has no role that publishes.
pub(super) const NO_ROLE: &str = "100/role";
/// The bytes do not start at the expected offset.
pub(super) const WRONG_OFFSET: &str = "1363037";
/// Not all bytes arrived in time.
pub(super) const TIMED_OUT: &str = "1363030";

const FORMAT: &str = "Facebook can't read this file. Export the video as MP4 (H.264, AAC) and try again.";
const AUTHORIZE: &str = "Facebook needs the person who runs this Page to confirm their identity first. Do that at facebook.com, then reconnect the Page.";
const STANDARDS: &str = "Facebook says this post breaks its Community Standards. See the notice on your Page, change the post and try again.";
const TROUBLE: &str = "Facebook is having problems. Try again later.";

/// By subcode, or by code.
pub(super) const PUBLISHING: ErrorTable = &[
    (
        NO_ROLE,
        Reconnect,
        "The person who connected this Page can no longer publish on it. Ask someone with full access to reconnect it.",
    ),
    ("382", UserFixable, "The file is too small to be a video. Export it again and retry."),
    (
        "389",
        ANEW,
        "Facebook couldn't download the video. Its link must be public, without a login or a redirect.",
    ),
    ("6000", ANEW, FORMAT),
    ("1363045", ANEW, FORMAT),
    ("6001", ANEW, "Facebook couldn't process the upload. Try again later."),
    (WRONG_OFFSET, ANEW, "Facebook couldn't process the upload. Try again later."),
    // Seen by integrators under the codes 390 and -2, and alone.
    (TIMED_OUT, ANEW, "Facebook couldn't process the upload. Try again later."),
    (
        "1363040",
        UserFixable,
        "Facebook only accepts aspect ratios from 9:16 to 16:9. Crop the video and try again.",
    ),
    (
        "1363127",
        UserFixable,
        "The resolution is too low for a Reel, which needs at least 540 × 960 pixels. Export the video larger and try again.",
    ),
    (
        "1363128",
        UserFixable,
        "A Reel must be 3 to 90 seconds long. Trim the video, or don't post it as a Reel only.",
    ),
    ("1363129", UserFixable, "A Reel needs 24 to 60 frames per second. Export the video again and retry."),
    // Seen by integrators, not documented on Meta's pages.
    ("1390008", TOO_FAST, "This Page has reached Facebook's posting limit for now."),
    ("1404078", Reconnect, AUTHORIZE),
    ("4854002", Reconnect, AUTHORIZE),
    ("1404102", UserFixable, STANDARDS),
    ("1346003", UserFixable, STANDARDS),
    ("1363047", ANEW, TROUBLE),
    ("1609010", ANEW, TROUBLE),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::meta::tests::assert_documented;
    use crate::platform::testing::assert_unique;

    /// Every documented code, as Meta's pages list them.
    const DOCUMENTED: &str = include_str!("../../../../../tests/fixtures/facebook/error_codes.txt");

    #[test]
    fn every_documented_code_has_its_disposition_and_a_sentence() {
        assert_documented(DOCUMENTED, PUBLISHING);
    }

    #[test]
    fn no_code_occurs_twice() {
        assert_unique(PUBLISHING);
    }
}
