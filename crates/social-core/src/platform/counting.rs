//! Captions, titles and descriptions at the limits of each platform, in every kind of script.

use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation as _;

use super::registry::counted;
use super::testing::draft;
use super::text::{cut, utf16};
use super::{Draft, Facts, PlatformOptions, Severity};

/// One visible character, with its UTF-16 units, Unicode scalar values and bytes of UTF-8.
const WRITINGS: &[(&str, &str, usize, usize, usize)] = &[
    ("a letter", "a", 1, 1, 1),
    ("composed", "\u{e9}", 1, 1, 2),
    ("with a combining mark", "e\u{301}", 2, 2, 3),
    ("with a pile of marks", "o\u{302}\u{308}\u{323}", 4, 4, 7),
    ("an ideograph", "日", 1, 1, 3),
    ("an ideograph beyond 16 bits", "𠮷", 2, 1, 4),
    ("Hebrew, from right to left", "ש", 1, 1, 2),
    ("Arabic, from right to left", "\u{634}\u{64f}", 2, 2, 4),
    ("Devanagari", "\u{915}\u{93f}", 2, 2, 6),
    ("an emoji", "🎬", 2, 1, 4),
    ("an emoji by a selector", "❤\u{fe0f}", 2, 2, 6),
    ("an emoji with a tone", "👍🏽", 4, 2, 8),
    ("a family of three, joined", "👨\u{200d}👩\u{200d}👧", 8, 5, 18),
    ("a flag", "🇩🇪", 4, 2, 8),
    ("a line's end", "\r\n", 2, 2, 2),
];

/// A text that a platform counts: the field, its limit and unit, and the error above it.
type Text = (&'static str, usize, fn(&str) -> usize, &'static str);

/// A text that a platform counts: which text, of which platform, its limit and unit, and the error above it.
pub(super) struct Counted {
    pub(super) facts: &'static Facts,
    /// Options of a post without other problems.
    pub(super) options: Value,
    pub(super) field: &'static str,
    pub(super) most: usize,
    pub(super) measure: fn(&str) -> usize,
    pub(super) code: &'static str,
}

impl Counted {
    /// Returns the texts of one platform.
    pub(super) fn all(facts: &'static Facts, options: &Value, texts: &[Text]) -> Vec<Self> {
        let text = |&(field, most, measure, code)| {
            let options = options.clone();
            Self { facts, options, field, most, measure, code }
        };
        texts.iter().map(text).collect()
    }
}

pub(super) fn scalars(text: &str) -> usize {
    text.chars().count()
}

/// Reports whether the platform's check says that the text is too long.
fn is_cut(of: &Counted, text: &str) -> bool {
    let (caption, title) = if of.field == "title" { ("hi", text) } else { (text, "hi") };
    let draft = Draft { title: Some(title), ..draft(caption, of.facts.oauth.scopes) };
    let found = PlatformOptions::read(&of.facts.id, &of.options).unwrap().check(&draft);
    assert!(found.iter().all(|problem| problem.severity == Severity::Warning), "{found:?}");
    found.iter().any(|problem| problem.code == of.code && problem.field == of.field)
}

#[test]
fn the_writings_count_as_they_say() {
    for &(name, text, units, characters, bytes) in WRITINGS {
        assert_eq!((utf16(text), scalars(text), text.len()), (units, characters, bytes), "{name}");
        assert_eq!(text.graphemes(true).count(), 1, "{name}");
    }
}

#[test]
fn each_platform_takes_its_own_measure_to_the_last_character() {
    for of in &counted() {
        for &(name, writing, ..) in WRITINGS {
            let place = format!("{} {}, {name}", of.facts.id, of.field);
            let one = (of.measure)(writing);
            // With letters at both ends nothing is trimmed, and the text fills the limit exactly.
            let times = (of.most - 2) / one;
            let full = format!("x{}{}", writing.repeat(times), "x".repeat(of.most - 1 - times * one));
            assert_eq!((of.measure)(&full), of.most, "{place}");
            assert!(!is_cut(of, &full), "{place}");
            assert!(is_cut(of, &format!("{full}x")), "{place}");
            // After the cut it fits, and ends with a whole character.
            let long = format!("x{}", writing.repeat(of.most));
            let kept = cut(&long, of.most, of.measure);
            assert!((of.measure)(kept) <= of.most && (of.measure)(kept) + one > of.most, "{place}");
            assert_eq!((kept.len() - 1) % writing.len(), 0, "{place}");
        }
    }
}
