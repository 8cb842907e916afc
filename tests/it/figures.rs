//! The figures that the guides name are the program's.

use std::fs;
use std::path::Path;

use social_core::platform::FACTS;

/// A page, what it says, a source file, and the text of it that makes that true.
type Figure = (&'static str, &'static str, &'static str, &'static str);

const FIGURES: &[Figure] = &[
    (
        "docs/schedule-and-edit.md",
        "| `cargo run` | every second | 1 s |",
        "crates/social-server/src/local.rs",
        "const TICK: Duration = Duration::from_secs(1);",
    ),
    (
        "docs/schedule-and-edit.md",
        "| container | every 5 s | 5 s |",
        "crates/social-server/src/hosted.rs",
        "const TICK: Duration = Duration::from_secs(5);",
    ),
    (
        "docs/schedule-and-edit.md",
        "usually every minute",
        "netlify.toml",
        "[functions.\"social-post-worker\"]\n  schedule = \"* * * * *\"",
    ),
    (
        "docs/schedule-and-edit.md",
        "| `publishing` or `processing` | 1 s,",
        "site/elements/session.js",
        "const BUSY_MS = 1_000;",
    ),
    (
        "docs/schedule-and-edit.md",
        "| anything else | 20 s |",
        "site/elements/session.js",
        "const IDLE_MS = 20_000;",
    ),
    (
        "docs/schedule-and-edit.md",
        "gives up after 8 failures",
        "crates/social-core/src/publish/settle.rs",
        "const MOST_FAILURES: u32 = 8;",
    ),
    (
        "docs/schedule-and-edit.md",
        "it allows 48",
        "crates/social-core/src/publish/settle.rs",
        "const MOST_FAILED_LOOKS: u32 = 48;",
    ),
    (
        "docs/embed-connect.md",
        "query the account list every 3 s for up to ten minutes",
        "site/elements/accounts.js",
        "const WATCH_MS = 3_000;",
    ),
    (
        "docs/embed-connect.md",
        "const NAME = 'social-connect';\nconst TEN_MINUTES = 10 * 60_000;",
        "crates/social-core/src/oauth/connect.rs",
        "const LIFETIME: Duration = Duration::from_mins(10);",
    ),
    (
        "docs/authenticate-users.md",
        "| clock difference | 60 s",
        "crates/social-core/src/web/auth/claims.rs",
        "const LEEWAY: Duration = Duration::from_mins(1);",
    ),
    (
        "docs/authenticate-users.md",
        "a token up to 8 KiB",
        "crates/social-core/src/web/auth/token.rs",
        "const LONGEST: usize = 8 * 1024;",
    ),
    (
        "docs/authenticate-users.md",
        "when they are ten minutes old",
        "crates/social-core/src/web/auth/key_set.rs",
        "const MOST_AGE: Duration = Duration::from_mins(10);",
    ),
    (
        "docs/authenticate-users.md",
        "another fetch, at most every 30 s",
        "crates/social-core/src/web/auth/key_set.rs",
        "const COOLDOWN: Duration = Duration::from_secs(30);",
    ),
    (
        "docs/authenticate-users.md",
        "A fetch may take 5 s.",
        "crates/social-core/src/web/auth/key_set.rs",
        "const TIMEOUT: Duration = Duration::from_secs(5);",
    ),
];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

#[test]
fn every_figure_of_a_guide_is_the_programs() {
    for (page, said, source, text) in FIGURES {
        assert!(read(page).contains(said), "{page} no longer says: {said}");
        assert!(read(source).contains(text), "{page} says {said:?}, but {source} has no longer {text:?}");
    }
}

#[test]
fn the_guide_names_the_pace_of_every_platform() {
    let guide = read("docs/schedule-and-edit.md");
    let line = guide.lines().find(|line| line.contains("starts one post at a time")).unwrap();
    for facts in FACTS {
        let platform = facts.id.to_string();
        // "11 s on TikTok, 10 s on Instagram and Facebook, 1 s on YouTube"
        let part = line.split(',').find(|part| part.to_lowercase().contains(&platform)).unwrap();
        let pace = format!(" {} s on ", facts.pace.spacing.as_secs());
        assert!(part.contains(&pace), "{platform} starts one post each{pace}and not: {part}");
    }
}

/// The names of the members of an object in a script, from where it starts.
fn members<'a>(script: &'a str, from: &str) -> Vec<&'a str> {
    let body = script.split(from).nth(1).unwrap().split("};").next().unwrap();
    let names = body.split([',', '\n']).filter_map(|part| part.split(':').next()).map(str::trim);
    // What is left are comments and the space around the members.
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(char::is_alphanumeric);
    let mut names: Vec<&str> = names.filter(is_name).collect();
    names.sort_unstable();
    names
}

#[test]
fn the_guides_landing_page_sends_the_message_that_the_bundled_page_sends() {
    let guide = read("docs/embed-connect.md");
    let ours = read("clients/typescript/src/connect.ts");
    let theirs = members(&guide, "const outcome = {");
    let mut sent = members(&ours, "const outcome: ConnectOutcome = {");
    assert!(ours.contains("const message = { type: NAME, visit: crypto.randomUUID(), ...outcome };"));
    // The guide's page sends each message once, so it needs no id of the visit.
    sent.push("type");
    sent.sort_unstable();
    assert_eq!(theirs, sent);
    assert_eq!(theirs, ["leftOut", "platform", "reason", "social", "type"]);
    for member in theirs {
        assert!(guide.contains(&format!("| `{member}` |")), "the guide's table lacks {member}");
    }
}

#[test]
fn the_readme_is_short_and_names_the_two_commands() {
    let readme = read("README.md");
    assert!(readme.lines().count() < 150, "the README has {} lines", readme.lines().count());
    for command in ["cargo run", "cargo test"] {
        assert!(readme.contains(&format!("```sh\n{command}\n```")), "the README lacks {command}");
    }
}
