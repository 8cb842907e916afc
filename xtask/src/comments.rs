//! Checks the comments in code for banned words. Code in backticks may contain them.

use std::io;
use std::path::{Path, PathBuf};

use crate::banned::banned_in;
use crate::sources;

/// Folders that are not checked yet: their comments still have to be rewritten.
const EXEMPT: &[&str] = &["crates/social-core/src/store", "migrations"];

/// A comment with a banned word: its file, its line, and the word.
pub type Found = (PathBuf, usize, &'static str);

/// Returns every comment with a banned word.
///
/// # Errors
///
/// Returns an error if a folder cannot be listed.
pub fn check(root: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for (path, text) in sources::texts(root)? {
        let path = path.strip_prefix(root).unwrap_or(&path).to_owned();
        let Some(mark) = mark_of(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            let word = comment(line, mark).and_then(|comment| banned_in(&without_code(comment)));
            found.extend(word.map(|word| (path.clone(), number + 1, word)));
        }
    }
    Ok(found)
}

/// Returns the mark of comments in a file, by its name; `None` if it is not checked.
fn mark_of(path: &Path) -> Option<&'static str> {
    if EXEMPT.iter().any(|exempt| path.starts_with(exempt)) {
        return None;
    }
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs" | "js" | "mjs") => Some("//"),
        Some("sh" | "py" | "toml" | "yml" | "example") | None => Some("#"),
        Some(_) => None,
    }
}

/// Returns the comment in a line: the whole line, or the part after code and a space.
fn comment<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.trim_start()
        .strip_prefix(mark)
        .or_else(|| line.split_once(&format!(" {mark} ")).map(|(_, comment)| comment))
}

/// Returns a comment without the code between backticks.
fn without_code(comment: &str) -> String {
    comment.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{comment, mark_of, without_code};

    #[test]
    fn a_comment_is_found_on_its_own_line_and_after_code() {
        assert_eq!(comment("    /// Returns it.", "//"), Some("/ Returns it."));
        assert_eq!(comment("a(); // Why.", "//"), Some("Why."));
        assert_eq!(comment("let url = \"https://a.example\";", "//"), None);
        assert_eq!(without_code("As `nobody` says."), "As ` says.");
    }

    #[test]
    fn files_are_known_by_their_names() {
        assert_eq!(mark_of(Path::new("site/app.js")), Some("//"));
        assert_eq!(mark_of(Path::new(".ci/run")), Some("#"));
        assert_eq!(mark_of(Path::new("fuzz/src/lib.rs")), Some("//"));
        assert_eq!(mark_of(Path::new("migrations/1_accounts.sh")), None);
        assert_eq!(mark_of(Path::new("README.md")), None);
    }
}
