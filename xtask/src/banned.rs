//! The words that no page, message or comment uses, because plain English has a better one.
//!
//! The names of the public API stay (`held`, `inDoubt`), and so do names in code.

/// The banned words, in lower case.
pub const BANNED: &[&str] = &[
    "afresh",
    "anew",
    "blindly",
    "by itself",
    "call off",
    "called off",
    "calling off",
    "calls off",
    "came to nothing",
    "come to nothing",
    "comes to nothing",
    "dearer",
    "declined the post for",
    "demanded",
    "heard to its end",
    "held against",
    "in the hands of",
    "last word",
    "lost answer",
    "lost answers",
    "make nothing of",
    "mend",
    "mended",
    "mends",
    "nobody",
    "oftener",
    "pictures a second",
    "pictures per second",
    "proves itself by",
    "sent for good",
    "shall",
    "somebody",
    "spent",
    "stand-in",
    "stand-ins",
    "switched off",
    "tidies up",
    "tidying up",
    "whoever",
    "whomever",
    "would die",
];

/// Returns the first banned word in a text. A word counts only as a whole: `shallow` is fine.
#[must_use]
pub fn banned_in(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let inside =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    BANNED.iter().copied().find(|word| {
        lower.match_indices(word).any(|(at, found)| {
            let (before, after) = (lower.get(..at), lower.get(at + found.len()..));
            !inside(before.and_then(|text| text.chars().next_back()))
                && !inside(after.and_then(|text| text.chars().next()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::banned_in;

    #[test]
    fn a_banned_word_is_found_as_a_whole_word_only() {
        assert_eq!(banned_in("Ask Somebody."), Some("somebody"));
        assert_eq!(banned_in("nobody's"), Some("nobody"));
        assert_eq!(banned_in("A shallow copy of `no_shall`."), None);
    }
}
