//! Text, counted as the platforms count it.

use unicode_segmentation::UnicodeSegmentation as _;

/// Returns the start of a text, at most `most` as counted by `measure`. It ends with a whole visible
/// character, and never within a hashtag or a mention: half of one is a different one.
pub(super) fn cut(text: &str, most: usize, measure: fn(&str) -> usize) -> &str {
    let mut counted = 0;
    let fits = text.grapheme_indices(true).find(|(_, grapheme)| {
        counted += measure(grapheme);
        counted > most
    });
    let kept = fits.and_then(|(at, _)| text.split_at_checked(at));
    kept.map_or(text, |(kept, rest)| untorn(kept, rest))
}

/// Returns the kept text without a tag that continues in the rest.
fn untorn<'a>(kept: &'a str, rest: &str) -> &'a str {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let tag = kept.rsplit_once(['#', '@']).filter(|(before, tag)| {
        !before.trim().is_empty() && tag.chars().all(is_word) && rest.starts_with(is_word)
    });
    tag.map_or(kept, |(before, _)| before.trim_end())
}

/// Returns the number of UTF-16 code units. TikTok documents this measure, and Java and JavaScript count so.
pub(super) fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_where_a_character_ends() {
        let family = "👨\u{200d}👩\u{200d}👧";
        assert_eq!(utf16(family), 8);
        let long = format!("{}{family}", "x".repeat(95));
        assert_eq!(cut(&long, 100, utf16), "x".repeat(95));
        let fits = format!("{}{family}", "x".repeat(92));
        assert_eq!(cut(&fits, 100, utf16), fits);
        assert_eq!(cut("éé", 3, str::len), "é");
        assert_eq!(cut("", 3, str::len), "");
    }

    #[test]
    fn no_half_of_a_tag_is_left() {
        for (text, most, kept) in [
            ("hi #summer", 6, "hi"),
            ("hi #summer", 10, "hi #summer"),
            ("hi #summer!", 10, "hi #summer"),
            ("hi #summer fun", 12, "hi #summer f"),
            ("hi #a#bcd", 7, "hi #a"),
            ("hi @demo.kitchen", 6, "hi"),
            ("hi #été", 6, "hi"),
            // A cut tag is better than no text.
            ("#summer", 3, "#su"),
        ] {
            assert_eq!(cut(text, most, |text| text.chars().count()), kept, "{text}");
        }
    }
}
