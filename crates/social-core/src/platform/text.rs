//! Text as platforms count it.

use unicode_segmentation::UnicodeSegmentation as _;

/// As much of a text as holds `most` of whatever `measure` counts, cut where a reader sees a character end.
pub(super) fn cut(text: &str, most: usize, measure: fn(&str) -> usize) -> &str {
    let mut counted = 0;
    let fits = text.grapheme_indices(true).find(|(_, grapheme)| {
        counted += measure(grapheme);
        counted > most
    });
    fits.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// UTF-16 code units: what TikTok counts by its own word, and what Java and JavaScript count anywhere.
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
}
