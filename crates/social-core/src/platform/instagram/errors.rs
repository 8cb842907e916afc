//! Instagram's publishing codes with what to do and a sentence for the account's owner.
//!
//! Sources: Instagram Platform, "Error codes" (the subcodes that begin with 2207); those marked so were only seen by
//! integrators. `Retry` among them means another container: nobody has seen the one before.

use std::time::Duration;

use crate::platform::Disposition::{self, Ambiguous, Permanent, Reconnect, Retry, UserFixable};
use crate::platform::PlatformError;
use crate::platform::error::ErrorTable;
use crate::platform::meta::quota;

/// A minute: what failed at Instagram's side may do better then.
const ANEW: Disposition = Retry { after: Some(Duration::from_mins(1)) };
/// An hour: the quota's 24 hours roll, and it is read again before anything is published.
const WINDOW: Duration = Duration::from_hours(1);

pub(super) const NOT_READY: &str = "2207027";
pub(super) const QUOTA: &str = "2207042";
pub(super) const SPAM: &str = "2207051";
pub(super) const MISSING: &str = "2207006";
pub(super) const UNKNOWN: &str = "2207008";
pub(super) const EXPIRED: &str = "2207020";

pub(super) const FULL: &str = "The account has published as often as Instagram allows in 24 hours. The post goes on by itself when there is room again.";

/// Whether the error is one of these: then its container is what failed.
pub(super) fn is_of(error: &PlatformError) -> bool {
    PUBLISHING.iter().any(|(code, ..)| *code == error.code)
}

/// By subcode.
pub(super) const PUBLISHING: ErrorTable = &[
    ("2207001", Ambiguous, "Instagram is having trouble. The post goes on by itself."),
    (
        "2207003",
        ANEW,
        "Instagram could not download the video in time. Put it where it can be downloaded faster, and post it again.",
    ),
    ("2207004", UserFixable, "The cover is too large. Choose a JPEG of at most 8 MB and post it again."),
    ("2207005", UserFixable, "The cover's format is not supported. Choose a JPEG and post it again."),
    (
        MISSING,
        ANEW,
        "Instagram does not find the video it was given any more. Connect the account again and post once more.",
    ),
    (UNKNOWN, ANEW, "Instagram does not find the video it was given for now. The post goes on by itself."),
    (
        "2207009",
        UserFixable,
        "The cover's aspect ratio is not supported. Choose a JPEG of 9:16 and post it again.",
    ),
    ("2207010", UserFixable, "The caption is too long for Instagram. Shorten it and post it again."),
    (
        EXPIRED,
        ANEW,
        "The video lay too long at Instagram before it was published. The post goes on by itself.",
    ),
    ("2207023", Permanent, "Instagram does not know the kind of post. Quote the code when you ask for help."),
    (
        "2207026",
        UserFixable,
        "Instagram does not support the video's format. Export it as MP4 (H.264, AAC) and post it again.",
    ),
    (NOT_READY, ANEW, "Instagram is still working on the video. The post goes on by itself."),
    ("2207028", Permanent, "Instagram wants 2 to 10 items in a carousel."),
    ("2207032", ANEW, "Instagram could not begin the post. The post goes on by itself."),
    (
        "2207035",
        UserFixable,
        "Instagram does not accept who is tagged. Leave the tags out and post it again.",
    ),
    (
        "2207036",
        UserFixable,
        "Instagram does not accept who is tagged. Leave the tags out and post it again.",
    ),
    (
        "2207037",
        UserFixable,
        "Instagram does not accept who is tagged. Leave the tags out and post it again.",
    ),
    ("2207040", UserFixable, "Instagram does not accept so many tags. Leave some out and post it again."),
    (QUOTA, quota(WINDOW), FULL),
    (
        "2207050",
        Reconnect,
        "Instagram has restricted the account. Log in to the Instagram app, do what it asks, and connect the account again.",
    ),
    (
        SPAM,
        UserFixable,
        "Instagram takes the post for spam and has blocked it. Wait a day, change the text, and post it again.",
    ),
    (
        "2207052",
        ANEW,
        "Instagram could not fetch the video, or the cover if one was given, from its address. Both must be public, without a login or a redirect, and be served as what they are, with their length.",
    ),
    ("2207053", ANEW, "Instagram could not take the video in. The post goes on by itself."),
    (
        "2207057",
        UserFixable,
        "The cover's time lies outside the video. Choose another thumb_offset and post it again.",
    ),
    // Seen by integrators, described on none of Meta's pages.
    ("2207077", ANEW, "Instagram could not download the video. The post goes on by itself."),
    ("2207081", UserFixable, "The account cannot publish trial Reels. Post it as an ordinary one."),
    ("2207082", ANEW, "Instagram could not take the video in. The post goes on by itself."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Reply;
    use crate::platform::meta::read;

    /// Every documented code, as Meta's pages list them.
    const DOCUMENTED: &str = include_str!("../../../../../tests/fixtures/instagram/error_codes.txt");

    #[test]
    fn every_documented_code_has_its_disposition_and_a_sentence() {
        for line in DOCUMENTED.lines().filter(|line| !line.starts_with('#')) {
            let [code, subcode, class] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let mut error = serde_json::json!({ "code": code.parse::<i64>().unwrap() });
            if let Ok(subcode) = subcode.parse::<i64>() {
                error["error_subcode"] = subcode.into();
            }
            let body = serde_json::json!({ "error": error }).to_string().into_bytes().into();
            let reply = Reply { status: 400, headers: http::HeaderMap::new(), body };
            let error = read::<serde_json::Value>(PUBLISHING, &reply).unwrap_err();
            let found = match error.disposition {
                Retry { .. } => "again",
                Ambiguous => "ask",
                UserFixable => "fixable",
                Permanent => "permanent",
                Reconnect => "reconnect",
                Disposition::Hold { .. } => "hold",
                Disposition::RefreshToken => "refresh",
            };
            assert_eq!(found, class, "{line}: {error}");
            assert!(error.message.ends_with('.') && error.message.len() > 30, "{line}: {}", error.message);
            assert!(!error.message.contains("code we do not know"), "{line}");
        }
    }

    #[test]
    fn no_code_stands_twice() {
        let mut codes: Vec<_> = PUBLISHING.iter().map(|row| row.0).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), PUBLISHING.len());
    }
}
