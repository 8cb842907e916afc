//! The figures of the platforms' pages and of the API's.

use std::fs;

use super::{at, docs};

/// A page, a source file, a piece of its code, and what the page says of it.
const FIGURES: &[(&str, &str, &str, &str)] = &[
    ("api.md", "site/elements/session.js", "const BUSY_MS = 1_000;", "polls each second while"),
    ("api.md", "site/elements/session.js", "const IDLE_MS = 20_000;", "else every 20 s"),
    (
        "tiktok.md",
        "tiktok/chunks.rs",
        "const WHOLE: u64 = 20_000_000;",
        "A file under 20 MB is sent in one chunk",
    ),
    ("tiktok.md", "tiktok/chunks.rs", "const CHUNK: u64 = 10_000_000;", "chunks of 10 MB"),
    ("tiktok.md", "tiktok/status.rs", "const MOST_INITS: u8 = 3;", "three at most"),
    (
        "tiktok.md",
        "tiktok/status.rs",
        "const UPLOAD_HORIZON: u64 = 24 * 60 * 60;",
        "After 24 h (2 h for a platform download)",
    ),
    (
        "tiktok.md",
        "tiktok/status.rs",
        "const PULL_HORIZON: u64 = 2 * 60 * 60;",
        "After 24 h (2 h for a platform download)",
    ),
    (
        "tiktok.md",
        "tiktok/status.rs",
        "[60, 5 * 60, 15 * 60, 60 * 60, 6 * 60 * 60]",
        "at pauses of 1, 5, 15, 60 min and 6 h",
    ),
    ("tiktok.md", "tiktok/status.rs", "const MOST_RESYNCS: u8 = 20;", "20 fruitless checks in a row"),
    (
        "tiktok.md",
        "tiktok/status.rs",
        "const DEAD_ADDRESS_HORIZON: u64 = 60 * 60;",
        "TikTok gets an hour to count",
    ),
    ("tiktok.md", "tiktok/webhook.rs", "const TOLERANCE: u64 = 300;", "at most five minutes old"),
    ("youtube.md", "youtube/chunks.rs", "const GRANULE: u64 = 262_144;", "whole pieces of 256 KiB"),
    ("youtube.md", "youtube/chunks.rs", "const CHUNK: u64 = 32 * GRANULE;", "a chunk of 8 MiB"),
    ("youtube.md", "youtube/upload.rs", "const MOST_OPENS: u8 = 3;", "Another is opened, three at most"),
    (
        "youtube.md",
        "youtube/search.rs",
        "const HORIZON: u64 = 10 * 60;",
        "If nothing matches after ten minutes",
    ),
    ("youtube.md", "youtube/processing.rs", "const HORIZON: u64 = 24 * 60 * 60;", "for up to a day"),
    (
        "youtube.md",
        "youtube/limits.rs",
        "const LONG: Duration = Duration::from_mins(15);",
        "only for videos over 15 minutes",
    ),
    (
        "instagram.md",
        "instagram/facts.rs",
        "const RENEWABLE: Duration = Duration::from_hours(24);",
        "once it is 24 hours old",
    ),
    (
        "instagram.md",
        "instagram/connect.rs",
        "const LIFETIME: Duration = Duration::from_hours(60 * 24);",
        "A token lives for sixty days",
    ),
    ("instagram.md", "instagram/status.rs", "const MOST_CONTAINERS: u8 = 3;", "at most three containers"),
    ("instagram.md", "instagram/status.rs", "const UNCOUNTED: u64 = 15 * 60;", "is watched for 15 minutes"),
    ("instagram.md", "instagram/verify.rs", "const GRACE: u64 = 5 * 60;", "queried for five minutes"),
    (
        "instagram.md",
        "instagram/verify.rs",
        "const HORIZON: u64 = 24 * 60 * 60;",
        "queried for a day, then in doubt",
    ),
    ("instagram.md", "instagram/verify.rs", "const MOST_SENDS: u8 = 3;", "three times in all"),
    (
        "facebook.md",
        "facebook/poll.rs",
        "const HORIZON: u64 = 24 * 60 * 60;",
        "queried for a day, then in doubt",
    ),
    ("facebook.md", "facebook/poll.rs", "const GRACE: u64 = 2 * 60;", "idle for two minutes; ten if"),
    ("facebook.md", "facebook/poll.rs", "const LONG_GRACE: u64 = 10 * 60;", "idle for two minutes; ten if"),
    ("facebook.md", "facebook/poll.rs", "const MOST_SENDS: u8 = 3;", "three times in all"),
    ("facebook.md", "facebook/attempts.rs", "const MOST_VIDEOS: u8 = 2;", "at most two videos"),
    (
        "facebook.md",
        "facebook/limits.rs",
        "LONGEST_REEL: Duration = Duration::from_secs(90);",
        "A vertical video of up to 90 s becomes a Reel",
    ),
];

#[test]
fn every_figure_of_the_platforms_pages_is_the_programs() {
    for (page, file, code, text) in FIGURES {
        let folder = if file.contains(".js") { "" } else { "crates/social-core/src/platform/" };
        let source = fs::read_to_string(at(&format!("{folder}{file}"))).unwrap();
        assert!(source.contains(code), "{file} no longer has `{code}`: change docs/{page} and this table");
        let shown = docs(page).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            shown.contains(text),
            "docs/{page} no longer says “{text}”, which stands for {code} in {file}"
        );
    }
}
