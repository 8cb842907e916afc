//! Decodes platform responses so that one odd member does not spoil the rest.
//!
//! First, the text is cleaned of everything that JSON or Postgres cannot hold. A `null` counts as absent. A
//! member that cannot be decoded is removed, and the rest is decoded again. So `#[serde(default)]` marks each
//! optional member, and an item of a list is removed alone. The error names a required member.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use serde_path_to_error::Segment;

/// Explains why something cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// An HTML page, half a text, nothing.
    #[error("it is not JSON")]
    NotJson,
    /// JSON of another shape.
    #[error("it is JSON of another shape")]
    OtherShape,
    /// A required member is missing.
    #[error("it lacks a readable `{0}`")]
    Lacks(String),
}

/// A thousand members were removed, and decoding stops: no platform means that.
const MOST_ODD: usize = 1_000;
/// 32: how deep a value may be nested. Deeper values are never used.
const DEEPEST: u8 = 32;
/// Replaces an invalid character (Unicode, U+FFFD).
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// Decodes a JSON text.
pub(crate) fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Unreadable> {
    let text = mended(text);
    // Mostly nothing is odd, and the text is decoded once.
    if let Ok(read) = serde_json::from_str(&text) {
        return Ok(read);
    }
    let raw = serde_json::from_str::<&RawValue>(&text).map_err(|_| Unreadable::NotJson)?;
    from_value(value_of(raw, 0).unwrap_or_default())
}

/// Decodes a value that was parsed before.
pub(crate) fn from_value<T: DeserializeOwned>(mut value: Value) -> Result<T, Unreadable> {
    for _ in 0..MOST_ODD {
        let error = match serde_path_to_error::deserialize(&value) {
            Ok(read) => return Ok(read),
            Err(error) => error,
        };
        let path: Vec<&Segment> = error.path().iter().collect();
        if !take_out(&mut value, &path) {
            return Err(lacking(&error.inner().to_string()));
        }
    }
    Err(Unreadable::OtherShape)
}

/// Returns the member that serde misses at the top of a value. Serde's other errors may repeat the value.
fn lacking(reason: &str) -> Unreadable {
    let name = reason.strip_prefix("missing field `").and_then(|name| name.strip_suffix('`'));
    name.map_or(Unreadable::OtherShape, |name| Unreadable::Lacks(name.to_owned()))
}

/// Returns a value without its nulls, and without values that we cannot hold, such as `1e999`.
fn value_of(raw: &RawValue, depth: u8) -> Option<Value> {
    let within = |raw| value_of(raw, depth.saturating_add(1));
    let text = raw.get();
    match text.as_bytes().first()? {
        b'{' | b'[' if depth >= DEEPEST => None,
        b'{' => {
            let members: HashMap<String, &RawValue> = serde_json::from_str(text).ok()?;
            Some(members.into_iter().filter_map(|(name, raw)| Some((name, within(raw)?))).collect())
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            Some(items.into_iter().filter_map(within).collect())
        }
        _ => serde_json::from_str(text).ok().filter(|value: &Value| !value.is_null()),
    }
}

/// Removes a member or an item from a value. Returns whether there was one.
fn take_out(value: &mut Value, path: &[&Segment]) -> bool {
    match (value, path) {
        (Value::Object(members), [Segment::Map { key }]) => members.remove(key).is_some(),
        (Value::Array(items), [Segment::Seq { index }]) if *index < items.len() => {
            items.remove(*index);
            true
        }
        (Value::Object(members), [Segment::Map { key }, deeper @ ..]) => {
            members.get_mut(key).is_some_and(|member| take_out(member, deeper))
        }
        (Value::Array(items), [Segment::Seq { index }, deeper @ ..]) => {
            items.get_mut(*index).is_some_and(|item| take_out(item, deeper))
        }
        _ => false,
    }
}

/// Returns a text without what JSON or Postgres cannot hold. NUL is removed, and halves of characters become
/// U+FFFD. Control characters, which JSON allows only between its tokens, become spaces.
fn mended(text: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text));
    if !text.contains("\\u") && !text.contains(|letter: char| letter.is_ascii_control()) {
        return text;
    }
    let mut whole = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some((plain, escape)) = rest.split_once('\\') {
        push_plain(&mut whole, plain);
        rest = push_escape(&mut whole, escape);
    }
    push_plain(&mut whole, rest);
    whole.into()
}

fn push_plain(whole: &mut String, text: &str) {
    whole.extend(text.chars().map(|letter| if letter.is_ascii_control() { ' ' } else { letter }));
}

/// Writes the cleaned escape after a backslash. Returns the rest.
fn push_escape<'a>(whole: &mut String, escape: &'a str) -> &'a str {
    let Some((unit, rest)) = code_unit(escape) else {
        let mut letters = escape.chars();
        whole.push('\\');
        whole.extend(letters.next());
        return letters.as_str();
    };
    match unit {
        0 => {}
        0xD800..=0xDBFF => match rest.strip_prefix('\\').and_then(code_unit) {
            Some((low @ 0xDC00..=0xDFFF, rest)) => {
                let _ = write!(whole, "\\u{unit:04x}\\u{low:04x}");
                return rest;
            }
            Some(_) | None => whole.push(REPLACEMENT),
        },
        0xDC00..=0xDFFF => whole.push(REPLACEMENT),
        _ => {
            let _ = write!(whole, "\\u{unit:04x}");
        }
    }
    rest
}

/// Returns the code unit of an escape, such as `u00e9`, and the text after it.
fn code_unit(escape: &str) -> Option<(u16, &str)> {
    let (digits, rest) = escape.strip_prefix('u')?.split_at_checked(4)?;
    let digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(digits)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Page {
        id: String,
        #[serde(default)]
        name: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    struct Pages {
        data: Vec<Page>,
        #[serde(default)]
        count: u64,
    }

    #[test]
    fn a_text_loses_only_what_cannot_be_held() {
        for (text, expected) in [
            (r#""a\u0000b""#, "ab"),
            (r#""a\ud800b""#, "a\u{fffd}b"),
            (r#""\ud83c\u0041""#, "\u{fffd}A"),
            (r#""\udc00\uD83C\uDFAC""#, "\u{fffd}🎬"),
            (r#""\ud83c\ud83c\udfac""#, "\u{fffd}🎬"),
            (r#""a\\u0000 \\\u0000\"\n\u0022""#, "a\\u0000 \\\"\n\""),
            ("\"a\u{0}b\tc\"", "a b c"),
            ("\u{feff}\"a\"", "a"),
        ] {
            assert_eq!(read::<String>(text.as_bytes()).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(read::<String>(b"\"a\xff\"").as_deref(), Ok("a\u{fffd}"));
        for text in [r#""\u12""#, r#""\u12g4""#, r#""\"#, "\"\\"] {
            assert_eq!(read::<String>(text.as_bytes()), Err(Unreadable::NotJson), "{text}");
        }
        assert!(matches!(mended(br#"{"a": "plain"}"#), Cow::Borrowed(_)));
    }

    #[test]
    fn one_odd_member_spoils_no_other() {
        let text = br#"{"data": [{"id": "1", "name": 5}, {"id": null}, null, 7, {"id": "2", "name": "b"}], "count": -1}"#;
        let pages: Pages = read(text).unwrap();
        let found: Vec<_> = pages.data.iter().map(|page| (page.id.as_str(), page.name.as_deref())).collect();
        assert_eq!((found, pages.count), (vec![("1", None), ("2", Some("b"))], 0));
        let huge = format!(r#"{{"data": [], "count": 1e999, "x": {}1{}}}"#, "[".repeat(200), "]".repeat(200));
        assert_eq!(read::<Pages>(huge.as_bytes()).unwrap().count, 0);
    }

    #[test]
    fn what_cannot_be_done_without_is_named() {
        let why = |text: &str| read::<Page>(text.as_bytes()).unwrap_err();
        assert_eq!(why(r#"{"id": null}"#), Unreadable::Lacks("id".to_owned()));
        assert_eq!(why(r#"{"id": ["secret"]}"#), Unreadable::Lacks("id".to_owned()));
        assert_eq!((why("\"secret\""), why("<html>")), (Unreadable::OtherShape, Unreadable::NotJson));
    }
}
