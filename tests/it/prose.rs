//! The wording of pages and comments, checked by the code behind `cargo run --bin xtask -- prose`.

use std::path::Path;

use xtask::{comments, prose};

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn every_page_has_short_sentences_and_no_banned_word() {
    let report = prose::measure_all(root()).unwrap();
    let violations = report.violations();
    assert!(violations.is_empty(), "{violations:#?}\n{report}");
}

#[test]
fn no_comment_has_a_banned_word() {
    let found = comments::check(root()).unwrap();
    assert!(found.is_empty(), "{found:#?}");
}
