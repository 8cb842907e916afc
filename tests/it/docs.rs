//! What the docs list is what the program says: every stable code, every option.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use social_core::clock::Timestamp;
use social_core::platform::{Draft, WORKERS};

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
