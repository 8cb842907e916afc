//! Titles, descriptions and tags, as YouTube counts and accepts them ("Videos", properties). An option goes before
//! the text of the post.

use crate::platform::text::{cut, utf16};

/// 100 characters. YouTube does not document its unit. A text counted in UTF-16 units is never too long.
pub(super) const TITLE: usize = 100;
/// 5000 bytes of UTF-8.
pub(super) const DESCRIPTION: usize = 5_000;
/// 500 characters for all tags together.
pub(super) const TAGS: usize = 500;

/// Neither is allowed in a title or a description.
pub(super) const BRACKETS: [char; 2] = ['<', '>'];

/// Returns the title before any cut: the option, the post's, or the caption's first line.
pub(super) fn raw_title<'a>(own: Option<&'a str>, title: Option<&'a str>, caption: &'a str) -> &'a str {
    let given = own.or(title).map(str::trim).filter(|title| !title.is_empty());
    given.unwrap_or_else(|| caption.trim().lines().next().unwrap_or_default())
}

/// Returns the description before any cut: the option, or the caption.
pub(super) fn raw_description<'a>(own: Option<&'a str>, caption: &'a str) -> &'a str {
    own.unwrap_or(caption)
}

/// Returns the title for the request.
pub(super) fn title_of(own: Option<&str>, title: Option<&str>, caption: &str) -> String {
    let plain = raw_title(own, title, caption).replace(BRACKETS, "");
    cut(plain.trim(), TITLE, utf16).trim_end().to_owned()
}

/// Returns the description for the request.
pub(super) fn description_of(own: Option<&str>, caption: &str) -> String {
    let plain = raw_description(own, caption).replace(BRACKETS, "");
    cut(plain.trim(), DESCRIPTION, str::len).trim_end().to_owned()
}

/// Returns how many characters tags use together: a comma between two, and quotes around a tag with a space.
pub(super) fn tags_length(tags: &[String]) -> usize {
    let counted = |tag: &String| utf16(tag) + if tag.contains(' ') { 2 } else { 0 };
    tags.iter().map(counted).sum::<usize>() + tags.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_option_else_the_posts_else_the_captions_first_line() {
        let caption = "\n Five minute noodles\nEvery day.";
        assert_eq!(title_of(Some("Noodles"), Some("Post"), caption), "Noodles");
        assert_eq!(title_of(None, Some("Post"), caption), "Post");
        assert_eq!(title_of(Some(" "), None, caption), "Five minute noodles");
        assert_eq!(title_of(None, None, ""), "");
    }

    #[test]
    fn what_is_too_long_is_cut_where_a_character_ends() {
        let long = "🎬".repeat(51);
        assert_eq!(title_of(Some(&long), None, ""), "🎬".repeat(50));
        let spaced = format!("{} b", "a".repeat(99));
        assert_eq!(title_of(Some(&spaced), None, ""), "a".repeat(99), "no space at the end");
        let text = "é".repeat(2_501);
        assert_eq!(description_of(Some(&text), "caption").len(), 5_000);
        assert_eq!(description_of(None, "caption"), "caption");
    }

    #[test]
    fn brackets_are_left_out() {
        assert_eq!(title_of(Some("1 < 2 <b>"), None, ""), "1  2 b");
        assert_eq!(description_of(None, "a -> b"), "a - b");
    }

    #[test]
    fn tags_count_with_their_commas_and_quotes() {
        let owned = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        assert_eq!(tags_length(&owned(&[])), 0);
        assert_eq!(tags_length(&owned(&["demo"])), 4);
        assert_eq!(tags_length(&owned(&["demo", "launch day"])), 4 + 1 + 12);
    }
}
