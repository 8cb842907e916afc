//! What the program and the page say to people is plain, and true wherever it is shown.

use std::fs;

use social_core::platform::{Disposition, FACTS};
use xtask::banned::banned_in;

use super::{at, code_of, rust_files, texts};

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
    let rows = FACTS.iter().flat_map(|facts| facts.codes());
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
        // Only a result in doubt lets a person report what they saw.
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
        for sentence in sentences(&code_of(&file)) {
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
    let folders = ["site", "site/elements", "site/platforms"].map(|folder| fs::read_dir(at(folder)).unwrap());
    for entry in folders.into_iter().flatten() {
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
    assert!(read >= 20, "only {read} files were read");
}
