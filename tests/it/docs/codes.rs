//! The tables of codes.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use social_core::model::{HeldReason, HoldScope, Window};
use social_core::platform::{Disposition, FACTS};

use super::{at, code_of, docs, listed, rust_files, table, texts};

/// What a call or a field begins with whose first plain text is a code of ours.
const MARKS: &[&str] = &[
    "ApiError::new(",
    "unprocessable(",
    "Problem::error(",
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

/// Codes of one word: nothing in the code tells them from the name of a field.
const SINGLE_WORDS: &[&str] =
    &["unconfirmed", "interrupted", "internal", "panicked", "unnamed", "unreachable"];

/// Whether a text looks like a code of ours and like nothing else in such a place.
fn is_code(text: &str) -> bool {
    let plain = text.contains('_') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    plain || SINGLE_WORDS.contains(&text)
}

/// The codes in a source file.
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
    // A group of codes: each line has its status and its code.
    for group in code.split("codes! {").skip(1) {
        for line in group.split(" = ").skip(1) {
            let is_line = line.split(' ').next().is_some_and(|status| status.parse::<u16>().is_ok());
            keep(texts(line).next().filter(|_| is_line));
        }
    }
    // Errors that report their codes.
    for head in ["fn code(&self)", "fn code(self)", "fn entry(&self)"] {
        for (at, _) in code.match_indices(head) {
            let body = code[at + head.len()..].split(" fn ").next().unwrap_or_default();
            for arm in body.split("=> ").skip(1) {
                keep(texts(arm).next());
            }
        }
    }
    // A table of nothing but codes and sentences.
    if let Some((_, rest)) = code.split_once("const OAUTH_ERRORS: ") {
        let table = rest.split("];").next().unwrap_or_default();
        found.extend(texts(table).filter(|text| is_code(text)).map(str::to_owned));
    }
    found
}

#[test]
fn every_code_of_ours_is_in_the_docs() {
    let ours = docs("errors.md");
    let pages: Vec<(String, String)> = FACTS
        .iter()
        .map(|facts| (format!("platform/{}/", facts.id), docs(&format!("{}.md", facts.id))))
        .collect();
    let (mut found, mut missing) = (0, BTreeSet::new());
    let files = ["crates/social-core/src", "crates/social-server/src"].map(|folder| rust_files(at(folder)));
    for file in files.iter().flatten() {
        let path = file.to_str().unwrap();
        let mut known = listed(&ours);
        for (_, page) in pages.iter().filter(|(folder, _)| path.contains(folder)) {
            known.extend(listed(page));
        }
        for code in codes(&code_of(file)) {
            found += 1;
            if !known.contains(code.as_str()) {
                missing.insert(format!("{code} ({path})"));
            }
        }
    }
    assert!(found >= 180, "only {found} codes were found: the marks no longer fit");
    assert!(missing.is_empty(), "docs/errors.md lacks {missing:#?}");
}

#[test]
fn every_code_in_the_table_is_one_that_the_program_has_and_stands_there_once() {
    let files = ["crates/social-core/src", "crates/social-server/src"].map(|folder| rust_files(at(folder)));
    let queries = fs::read_dir(at("sql")).unwrap().map(|file| file.unwrap().path());
    let files = files.into_iter().flatten().chain(queries);
    let source: Vec<String> = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let page = docs("errors.md");
    let rows = table(&page, "| code | where | meaning |");
    let listed: Vec<&str> = rows.iter().map(|row| row.split('`').nth(1).unwrap()).collect();
    for code in &listed {
        // In Rust, or in a query.
        let written = [format!("\"{code}\""), format!("'{code}'")];
        let has = |file: &String| written.iter().any(|text| file.contains(text));
        let is_known = code.contains('<') || source.iter().any(has);
        assert!(is_known, "the program has no code {code}");
    }
    assert!(listed.len() >= 150, "only {} codes", listed.len());
    for pair in listed.windows(2) {
        assert!(pair[0] < pair[1], "{} stands before {}", pair[0], pair[1]);
    }
}

/// What the worker does, in the words of docs/errors.md.
fn result(disposition: Disposition) -> String {
    match disposition {
        Disposition::Retry { .. } => "retried".to_owned(),
        Disposition::RefreshToken => "refreshed".to_owned(),
        Disposition::Reconnect => "reconnect".to_owned(),
        Disposition::UserFixable | Disposition::Permanent => "failed".to_owned(),
        Disposition::Ambiguous => "unclear".to_owned(),
        Disposition::Hold { reason, window, scope } => {
            let whose = match scope {
                HoldScope::Account => "held",
                HoldScope::Platform => "all held",
            };
            let until = match window {
                Window::For(time) if time >= Duration::from_hours(1) => {
                    format!("{} h", time.as_secs() / 3600)
                }
                Window::For(time) => format!("{} s", time.as_secs()),
                Window::UntilMidnight("America/Los_Angeles") => "to midnight Pacific".to_owned(),
                Window::UntilMidnight(zone) => format!("to midnight in {zone}"),
            };
            let reason = match reason {
                HeldReason::NeedsReconnect => "needsReconnect",
                HeldReason::RateLimit => "rateLimit",
                HeldReason::Quota => "quota",
            };
            format!("{whose} {until} (`{reason}`)")
        }
    }
}

#[test]
fn the_table_of_each_platforms_codes_is_the_programs() {
    for facts in FACTS {
        let page = docs(&format!("{}.md", facts.id));
        let (mut expected, mut seen) = (Vec::new(), BTreeSet::new());
        for (code, disposition, message) in facts.codes() {
            let row = format!("| `{code}` | {} | {message} |", result(*disposition));
            if seen.insert(*code) {
                expected.push(row);
            } else {
                assert!(expected.contains(&row), "{code} has two meanings at {}", facts.id);
            }
        }
        let found = table(&page, "| code | result | sentence |");
        assert_eq!(found, expected, "{}: the table should be:\n{}\n", facts.id, expected.join("\n"));
    }
}
