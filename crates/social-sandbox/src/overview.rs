//! What the platforms' parts of the index page share.

use crate::page::escape;

/// How many publications a table lists.
pub(crate) const LISTED: usize = 50;

/// The longest text in a cell.
const LETTERS: usize = 60;

/// Returns a table, or a word if it has no rows.
pub(crate) fn table(headings: &[&str], rows: &str) -> String {
    if rows.is_empty() {
        return "<p class=\"soft\">Nothing yet.</p>".into();
    }
    let headings = headings.join("</th><th>");
    format!("<div class=\"scroll\"><table><tr><th>{headings}</th></tr>{rows}</table></div>")
}

/// Returns the start of a text.
pub(crate) fn shortened(text: &str) -> String {
    escape(&text.chars().take(LETTERS).collect::<String>())
}

/// Returns the start of a hash.
pub(crate) fn fingerprint(sha256: Option<&String>) -> &str {
    sha256.and_then(|sha256| sha256.get(..12)).unwrap_or_default()
}
