//! What the docs list is what the program says: every stable code, every option.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use social_core::clock::Timestamp;
use social_core::platform::{Disposition, Draft, WORKERS};
use xtask::banned::banned_in;

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn docs(name: &str) -> String {
    fs::read_to_string(at("docs").join(name)).unwrap()
}

/// The source files under a folder that are no tests.
fn rust_files(folder: PathBuf) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.file_name().and_then(|name| name.to_str()) {
                Some("tests" | "tests.rs" | "counting.rs") => {}
                _ if path.is_dir() => folders.push(path),
                _ if path.extension().is_some_and(|extension| extension == "rs") => found.push(path),
                _ => {}
            }
        }
    }
    found
}

/// What stands between backticks in the first cell of any line of a table.
fn listed(text: &str) -> BTreeSet<&str> {
    let cells = text.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

/// What a call or a field begins with whose first plain text is a code of ours.
const MARKS: &[&str] = &[
    "ApiError::new(",
    "unprocessable(",
    "problem(",
    "warning(",
    "verdict.error(",
    "verdict.warn(",
    "unavailable(",
    "refusal(",
    "Refused(",
    "Progress::Doubt(",
    "doubt(",
    "plain(",
];

/// Whether a text looks like a code of ours and like nothing else in such a place.
fn is_code(text: &str) -> bool {
    text.contains('_') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// The texts that begin and end in a stretch of code.
fn texts(code: &str) -> impl Iterator<Item = &str> {
    let whole = code.rsplit_once('"').map_or("", |(whole, _)| whole);
    whole.split('"').skip(1).step_by(2)
}

/// The codes in a source file, without its comments and tests, and with all its space as single blanks.
fn codes(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut keep = |text: Option<&str>| found.extend(text.filter(|text| is_code(text)).map(str::to_owned));
    for mark in MARKS {
        for (at, _) in code.match_indices(mark) {
            let rest = &code[at + mark.len()..];
            let end = rest.char_indices().nth(160).map_or(rest.len(), |(end, _)| end);
            // Not beyond the statement: the next one has texts of its own.
            let call = rest[..end].split(';').next().unwrap_or_default();
            // A field's name may come first, as `caption`, or an option's, as `youtube.title`.
            keep(texts(call).find(|text| is_code(text)));
        }
    }
    for field in code.split(" code: \"").skip(1) {
        keep(field.split('"').next());
    }
    // Errors that tell their codes.
    for head in ["fn code(&self)", "fn entry(&self)"] {
        for (at, _) in code.match_indices(head) {
            let body = code[at + head.len()..].split(" fn ").next().unwrap_or_default();
            for arm in body.split("=> ").skip(1) {
                keep(texts(arm).next());
            }
        }
    }
    found
}

#[test]
fn every_code_of_ours_is_in_the_docs() {
    let pages: Vec<String> =
        ["api.md", "youtube.md", "facebook.md", "instagram.md"].iter().map(|name| docs(name)).collect();
    let known: BTreeSet<&str> = pages.iter().flat_map(|page| listed(page)).collect();
    let (mut found, mut missing) = (0, BTreeSet::new());
    for file in rust_files(at("crates/social-core/src")) {
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines: Vec<&str> =
            text.lines().map(|line| line.split("// ").next().unwrap_or_default().trim()).collect();
        let mut of_file = codes(&lines.join(" "));
        // A table of nothing but codes and what to say of them.
        if file.ends_with("tiktok/errors.rs") {
            of_file.extend(texts(&lines.join(" ")).filter(|text| is_code(text)).map(str::to_owned));
        }
        for code in of_file {
            found += 1;
            if !known.contains(code.as_str()) {
                missing.insert(format!("{code} ({})", file.display()));
            }
        }
    }
    assert!(found >= 150, "only {found} codes were found: the marks no longer fit");
    assert!(missing.is_empty(), "docs/api.md lacks {missing:#?}");
}

/// What a sentence promises of a post that waits. Tables are read also where no post waits, or where the last try is
/// over; the view of a held result alone knows better.
const PROMISES: &[&str] = &[
    "automatically",
    "by itself",
    "goes on",
    "continues",
    "we'll retry",
    "we retry",
    "tried again",
    "retried",
];

#[test]
fn every_sentence_of_a_platforms_table_is_true_wherever_it_is_shown() {
    let rows = WORKERS.iter().flat_map(|worker| worker.errors()).copied().flatten();
    let mut read = 0;
    for (code, disposition, message) in rows {
        read += 1;
        let lower = message.to_lowercase();
        assert!(message.ends_with('.'), "{code}: {message}");
        for promise in PROMISES {
            assert!(!lower.contains(promise), "{code} promises that a post waits: {message}");
        }
        // The view of a held result goes on with "After that, the post continues."
        let advice = lower.trim_end_matches('.').rsplit(". ").next().unwrap_or_default();
        if *disposition == Disposition::Reconnect {
            assert!(advice.contains("reconnect"), "{code} ends with something else: {message}");
        }
        // Nothing can be told of a result that has failed, or waits.
        if *disposition != Disposition::Ambiguous {
            assert!(!lower.contains("tell us"), "{code}: {message}");
        }
    }
    assert!(read >= 150, "only {read} rows were read");
}

/// The whole sentences among the texts of a source file.
fn sentences(code: &str) -> Vec<String> {
    let plain = code.replace("\\\"", "'").replace("'\"'", "");
    let is_whole = |text: &&str| {
        let begins = text.starts_with(|letter: char| letter.is_uppercase() || letter == '{');
        begins && text.contains(' ') && text.ends_with(['.', '?'])
    };
    texts(&plain).filter(is_whole).map(str::to_owned).collect()
}

#[test]
fn every_sentence_is_plain_and_none_that_asks_a_person_to_look_says_to_post_again() {
    let mut read = 0;
    for file in rust_files(at("crates/social-core/src")) {
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines: Vec<&str> =
            text.lines().map(|line| line.split("// ").next().unwrap_or_default().trim()).collect();
        for sentence in sentences(&lines.join(" ")) {
            read += 1;
            let lower = sentence.to_lowercase();
            assert_eq!(banned_in(&sentence), None, "in {}: {sentence}", file.display());
            // That is for doubts: what may be there is not posted twice.
            if lower.ends_with("then tell us.") {
                assert!(!["again", "retry"].iter().any(|word| lower.contains(word)), "{sentence}");
            }
        }
    }
    assert!(read >= 250, "only {read} sentences were read");
}

#[test]
fn the_page_speaks_plainly() {
    let mut read = 0;
    for entry in fs::read_dir(at("site")).unwrap() {
        let path = entry.unwrap().path();
        if !path.extension().is_some_and(|extension| extension == "js" || extension == "html") {
            continue;
        }
        read += 1;
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            assert_eq!(banned_in(line), None, "in {}: {line}", path.display());
        }
    }
    assert!(read >= 15, "only {read} files were read");
}

#[test]
fn every_option_of_every_platform_is_in_the_docs() {
    let api = docs("api.md");
    for worker in WORKERS {
        let platform = worker.id().to_string();
        let heading = format!("options (`{platform}`)");
        let section = api.split(&heading).nth(1).unwrap_or_else(|| panic!("no options of {platform}"));
        let section = section.split("\n#").next().unwrap_or_default();
        let known = listed(section);
        // Whoever names an option that there is not is told which there are.
        let options = json!({"no such option": 1});
        let due = Timestamp::default();
        let problems = worker.check(&Draft { caption: "", title: None, options: &options, scopes: &[], due });
        let message = &problems[0].message;
        let named: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        assert!(named.len() >= 2, "{message}");
        for option in named {
            assert!(known.contains(option), "docs/api.md lacks {platform}'s {option}");
        }
    }
}
