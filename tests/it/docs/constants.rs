//! The figures of docs/limits.md: a changed constant names the sentence to change.

use std::fs;

use super::{at, docs};

/// A file below `crates/`, a line of it, and what the page says of it.
const FIGURES: &[(&str, &str, &str)] = &[
    ("social-core/src/web/body.rs", "struct Raw<const KIB: u64 = 256>", "| request body | 256 KiB |"),
    ("social-core/src/web/webhook.rs", "body: Result<Raw<64>, ApiError>", "| webhook body | 64 KiB |"),
    (
        "social-sandbox/src/serve.rs",
        "const HEADERS: Duration = Duration::from_secs(10);",
        "| headers of a request, at `social-server` | 10 s |",
    ),
    (
        "social-sandbox/src/serve.rs",
        "const MOST: usize = 512;",
        "| connections at once, at `social-server` | 512 |",
    ),
    (
        "social-core/src/store/social_posts.rs",
        "const MOST_BYTES: i64 = 2 * 1024 * 1024;",
        "| a page of posts | 2 MiB |",
    ),
    (
        "social-core/src/config/mod.rs",
        "\"CONNECTS_PER_MINUTE\", 60, 0, 100_000",
        "`CONNECTS_PER_MINUTE`, default 60 |",
    ),
    (
        "social-core/src/config/mod.rs",
        "\"CREATES_PER_MINUTE\", 600, 0, 100_000",
        "`CREATES_PER_MINUTE`, default 600 |",
    ),
    (
        "social-core/src/config/mod.rs",
        "\"VALIDATIONS_PER_MINUTE\", 120, 0, 100_000",
        "`VALIDATIONS_PER_MINUTE`, default 120 |",
    ),
    (
        "social-core/src/store/unreadable.rs",
        "const GRACE: Duration = Duration::from_hours(24);",
        "| unreadable secret, for a day |",
    ),
    (
        "social-server/src/functions.rs",
        "const STALLED: Duration = Duration::from_secs(20);",
        "| silence within a body, at `social-server` | 20 s |",
    ),
    (
        "social-core/src/web/body.rs",
        "const LONGEST: Duration = Duration::from_mins(1);",
        "| a whole body | 60 s |",
    ),
    ("social-core/src/web/draft.rs", "const MOST_RESULTS: usize = 50;", "| `results` in a post | 1 to 50 |"),
    ("social-core/src/web/draft.rs", "const MOST_URL: usize = 4096;", "| `videoUrl` | 4096 characters |"),
    ("social-core/src/web/draft.rs", "const MOST_TEXT: usize = 50_000;", "| `caption` | 50,000 characters |"),
    ("social-core/src/web/draft.rs", "title.unwrap_or_default(), 500)", "| `title` | 500 characters |"),
    (
        "social-core/src/web/draft.rs",
        "external_id.unwrap_or_default(), 255)",
        "| `externalId` | 255 characters |",
    ),
    ("social-core/src/web/draft.rs", "chrono::Duration::days(2 * 365)", "| two years ahead (730 days) |"),
    ("social-core/src/web/draft.rs", "(60..=366 * 24 * 60 * 60)", "| 60 to 31,622,400 s (a year) |"),
    (
        "social-core/src/web/extract.rs",
        "(1..=255).contains(&key.len())",
        "| 1 to 255 ASCII characters, stored for at least 7 days |",
    ),
    ("../sql/sweep.sql", "created_at < clock - interval '7 days'", "stored for at least 7 days"),
    ("social-core/src/model/request.rs", "(1..=128).contains(&id.len())", "| `X-Request-Id` | 1 to 128 "),
    ("social-core/src/web/extract.rs", "map_or(Ok(20), |text| text.parse())", "| 1 to 100, default 20 |"),
    ("social-core/src/web/extract.rs", "Ok(limit @ 1..=100)", "| 1 to 100, default 20 |"),
    ("social-core/src/model/connection.rs", "const MOST: usize = 512;", "| `returnTo` | 512 characters |"),
    ("social-core/src/web/auth/token.rs", "const LONGEST: usize = 8 * 1024;", "| JWT | 8 KiB;"),
    ("social-core/src/model/account.rs", "const MOST: usize = 255;", "`sub` 1 to 255 characters"),
    (
        "social-core/src/web/auth/claims.rs",
        "const LEEWAY: Duration = Duration::from_mins(1);",
        "clocks may differ by 60 s",
    ),
    (
        "social-core/src/oauth/connect.rs",
        "const LIFETIME: Duration = Duration::from_mins(10);",
        "| 10 minutes, works once |",
    ),
    (
        "social-core/src/oauth/callback.rs",
        "const LONGEST_WAIT: Duration = Duration::from_secs(15);",
        "| waits up to 15 s for the first |",
    ),
    (
        "social-core/src/web/assignment.rs",
        "const MOST_HANDED: usize = 1_000;",
        "| `resultIds` of a worker call | 1000 |",
    ),
    (
        "social-core/src/web/assignment.rs",
        "const MOST_DISPATCHED: usize = 10_000;",
        "`most` 1 to 10,000 (default 1000)",
    ),
    (
        "social-core/src/publish/publisher.rs",
        "(self.left(budget) + LEASE_MARGIN + LEASE_MARGIN).min(LONGEST_LEASE)",
        "deadline plus 10 s",
    ),
    (
        "social-core/src/publish/publisher.rs",
        "const LONGEST_LEASE: Duration = Duration::from_secs(150);",
        "at most 150 s",
    ),
    (
        "social-core/src/publish/invocation.rs",
        "const LEAST_TIME: Duration = Duration::from_secs(4);",
        "| 4 s to lease, ",
    ),
    (
        "social-core/src/publish/job.rs",
        "const LEAST_TIME: Duration = Duration::from_secs(2);",
        "2 s for a call",
    ),
    (
        "social-core/src/publish/calling.rs",
        "const LEAST_TIME_FOR_ONCE: Duration = Duration::from_secs(4);",
        "4 s for a `once` call",
    ),
    (
        "social-core/src/publish/calling.rs",
        "const PROGRESS_PAUSE: Duration = Duration::from_secs(5);",
        "| saved every 5 s |",
    ),
    (
        "social-core/src/publish/settle.rs",
        "const MOST_FAILURES: u32 = 8;",
        "| 8; 48 after the point of no return |",
    ),
    (
        "social-core/src/publish/settle.rs",
        "const MOST_FAILED_LOOKS: u32 = 48;",
        "| 8; 48 after the point of no return |",
    ),
    (
        "social-core/src/publish/settle.rs",
        "const BACKOFF_BASE: Duration = Duration::from_secs(5);",
        "starts at 5 s",
    ),
    (
        "social-core/src/publish/settle.rs",
        "const BACKOFF_CAP: Duration = Duration::from_mins(15);",
        "doubles up to 15 min",
    ),
    (
        "social-core/src/publish/job.rs",
        "const UNREADABLE_PAUSE: Duration = Duration::from_mins(5);",
        "| tried again every 5 min",
    ),
    (
        "social-core/src/store/grants.rs",
        "const REFRESH_BEFORE: Duration = Duration::from_mins(5);",
        "| refreshed 5 min before it expires |",
    ),
    (
        "social-core/src/oauth/refresh.rs",
        "const REFRESH_PAUSE: Duration = Duration::from_mins(1);",
        "| repeated after 60 s |",
    ),
    (
        "social-core/src/oauth/refresh.rs",
        "const LONGEST_SWEEP: Duration = Duration::from_secs(10);",
        "for at most 10 s",
    ),
    ("social-core/src/web/worker.rs", "const TIDY_ONE_IN: u8 = 64;", "one call of the worker in 64"),
    (
        "social-core/src/store/worker_pulse.rs",
        "const LATE: i64 = 5 * 60;",
        "| 503 when a result has been due for 5 min |",
    ),
    (
        "social-core/src/video/client.rs",
        "const CONNECT: Duration = Duration::from_secs(10);",
        "| 10 s, 20 s |",
    ),
    ("social-core/src/video/client.rs", "const STALL: Duration = Duration::from_secs(20);", "| 10 s, 20 s |"),
    (
        "social-core/src/video/source.rs",
        "const READ_THROUGH: u64 = 32_000_000;",
        "| within the first 32 MB |",
    ),
    (
        "social-core/src/video/source.rs",
        "const CONFIRMATION: Duration = Duration::from_secs(10);",
        "| confirmation before the last bytes | 10 s |",
    ),
    ("social-core/src/video/hops.rs", "const MOST_HOPS: usize = 3;", "| redirects | 3, "),
    (
        "social-core/src/web/validate.rs",
        "const LINK_MARGIN: Duration = Duration::hours(1);",
        "expires less than 1 h after the post is due",
    ),
    (
        "social-core/src/web/serve.rs",
        "const MARGIN: chrono::Duration = chrono::Duration::seconds(1);",
        "The functions stop 1 s before",
    ),
    (
        "social-core/src/store/connections.rs",
        "const KNOCK: Duration = Duration::from_millis(750);",
        "| every host | A call waits 0.75 s for a database that does not answer",
    ),
    (
        "social-core/src/store/connections.rs",
        "const PATIENCE: Duration = Duration::from_secs(5);",
        "and 5 s for a busy connection",
    ),
    ("social-core/src/web/serve.rs", "const CONNECTIONS: u32 = 2;", "2 database connections"),
    ("social-server/src/hosted.rs", "const CONNECTIONS: u32 = 8;", "8 database connections"),
    ("social-server/src/hosted.rs", "const TICK: Duration = Duration::from_secs(5);", "A tick every 5 s"),
    (
        "social-sandbox/src/serve.rs",
        "const PATIENCE: Duration = Duration::from_secs(8);",
        "gives calls in flight 8 s",
    ),
    ("social-server/src/local.rs", "const TICK: Duration = Duration::from_secs(1);", "A tick every 1 s"),
    (
        "social-core/src/platform/error.rs",
        "const SHORTEST_HOLD: Duration = Duration::from_secs(5);",
        "a hold lasts at least 5 s",
    ),
    (
        "social-core/src/platform/tiktok/facts.rs",
        "spacing: Duration::from_secs(11)",
        "of an account every 11 s",
    ),
    ("social-core/src/platform/tiktok/status.rs", "const MOST_INITS: u8 = 3;", "up to 3 inits"),
    (
        "social-core/src/platform/tiktok/status.rs",
        "const PULL_HORIZON: u64 = 2 * 60 * 60;",
        "in doubt after 2 h",
    ),
    (
        "social-core/src/platform/tiktok/options.rs",
        "const CAPTION_UNITS: usize = 2200;",
        "| TikTok: caption | 2200 |",
    ),
    (
        "social-core/src/platform/instagram/facts.rs",
        "spacing: Duration::from_secs(10)",
        "of an account every 10 s",
    ),
    (
        "social-core/src/platform/instagram/options.rs",
        "const CAPTION: usize = 2_200;",
        "| Instagram: caption | 2200 |",
    ),
    (
        "social-core/src/platform/instagram/options.rs",
        "const HASHTAGS: usize = 30;",
        "| Instagram: hashtags, mentions | 30, 20 |",
    ),
    (
        "social-core/src/platform/instagram/options.rs",
        "const MENTIONS: usize = 20;",
        "| Instagram: hashtags, mentions | 30, 20 |",
    ),
    (
        "social-core/src/platform/instagram/options.rs",
        "const COLLABORATORS: usize = 3;",
        "| Instagram: collaborators | 3 |",
    ),
    (
        "social-core/src/platform/facebook/facts.rs",
        "spacing: Duration::from_secs(10)",
        "starts one every 10 s",
    ),
    (
        "social-core/src/platform/facebook/options.rs",
        "const DESCRIPTION: usize = 63_206;",
        "| Facebook: description | 63,206 |",
    ),
    (
        "social-core/src/platform/facebook/options.rs",
        "const TITLE: usize = 255;",
        "| Facebook: title | 255 |",
    ),
    ("social-core/src/platform/meta/usage.rs", "const PRESSING: u64 = 90;", "from 90 % on"),
    ("social-core/src/platform/youtube/words.rs", "const TITLE: usize = 100;", "| YouTube: title | 100, "),
    (
        "social-core/src/platform/youtube/words.rs",
        "const DESCRIPTION: usize = 5_000;",
        "| YouTube: description | 5000, ",
    ),
    (
        "social-core/src/platform/youtube/words.rs",
        "const TAGS: usize = 500;",
        "| YouTube: tags | 500 together |",
    ),
    (
        "social-core/src/platform/youtube/limits.rs",
        "const LONG: Duration = Duration::from_mins(15);",
        "| 15 min unless it is `allowed` |",
    ),
    (
        "social-core/src/platform/error.rs",
        "const UNNAMED_PAUSE: Duration = Duration::from_mins(1);",
        "YouTube's pause, else 60 s",
    ),
];

#[test]
fn every_figure_of_the_page_of_limits_is_the_programs() {
    let page = docs("limits.md");
    for (file, line, text) in FIGURES {
        let source = fs::read_to_string(at("crates").join(file)).unwrap();
        assert!(source.contains(line), "{file} no longer has `{line}`: change docs/limits.md and this table");
        assert!(
            page.contains(text),
            "docs/limits.md no longer says “{text}”, which stands for {line} in {file}"
        );
    }
}
