//! Decodes members of responses, in every notation that platforms use. Meaningless values count as absent:
//! see [`crate::http::lenient`].

use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// 512: no platform's ids are longer, and an index holds at most some 2700 bytes.
const LONGEST_ID: usize = 512;
/// Ten years: a later expiry does not matter, and every clock can represent it.
const LONGEST_TIME: u64 = 10 * 365 * 24 * 60 * 60;

/// Decodes an id: a text, or a number above 2^53, kept exactly as text.
pub(super) fn id<'de, D: Deserializer<'de>, T: From<String>>(deserializer: D) -> Result<T, D::Error> {
    let id = match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    };
    id.filter(|id| (1..=LONGEST_ID).contains(&id.len())).map(T::from).ok_or_else(|| D::Error::custom("no id"))
}

#[derive(Deserialize)]
struct Id(#[serde(deserialize_with = "id")] String);

/// Decodes a list of ids.
pub(super) fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Vec::<Id>::deserialize(deserializer)?.into_iter().map(|Id(id)| id).collect())
}

/// Decodes a whole number, which may come as text or as `86400.0`.
pub(super) fn number<'de, D: Deserializer<'de>, N: TryFrom<i128>>(
    deserializer: D,
) -> Result<Option<N>, D::Error> {
    let number = whole(&Value::deserialize(deserializer)?).and_then(|number| N::try_from(number).ok());
    number.map(Some).ok_or_else(|| D::Error::custom("no number"))
}

/// Decodes a count, which is never negative.
pub(super) fn count<'de, D: Deserializer<'de>, N: TryFrom<u64>>(
    deserializer: D,
) -> Result<Option<N>, D::Error> {
    let count = number::<D, u64>(deserializer)?.and_then(|count| N::try_from(count).ok());
    count.map(Some).ok_or_else(|| D::Error::custom("no count"))
}

/// Decodes a duration in seconds, with an upper limit. Zero counts as absent.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let seconds = number::<D, i128>(deserializer)?.filter(|seconds| *seconds > 0);
    let seconds = seconds.ok_or_else(|| D::Error::custom("no time"))?;
    Ok(Some(Duration::from_secs(u64::try_from(seconds).map_or(LONGEST_TIME, |time| time.min(LONGEST_TIME)))))
}

/// Decodes yes or no, which may come as text.
pub(super) fn flag<'de, D: Deserializer<'de>, T: From<bool>>(deserializer: D) -> Result<T, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Bool(flag) => Ok(flag.into()),
        Value::String(text) => text.parse::<bool>().map(T::from).map_err(D::Error::custom),
        _ => Err(D::Error::custom("neither yes nor no")),
    }
}

/// Decodes scopes: a list, or a text with commas or spaces between them.
pub(super) fn scopes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let texts = match Value::deserialize(deserializer)? {
        Value::Array(items) => items,
        text => vec![text],
    };
    let texts = texts.iter().filter_map(Value::as_str);
    Ok(texts.flat_map(split_scopes).collect())
}

/// Returns the scopes in a text.
pub(crate) fn split_scopes(text: &str) -> impl Iterator<Item = String> {
    text.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned)
}

/// Returns the whole part of a number, or of a text that is one.
fn whole(value: &Value) -> Option<i128> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    text.parse().ok().or_else(|| {
        let number = text.parse::<f64>().ok()?;
        format!("{:.0}", number.trunc()).parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::lenient;

    #[derive(Debug, Default, PartialEq, Eq, Deserialize)]
    #[serde(default)]
    struct Reply {
        #[serde(deserialize_with = "id")]
        user_id: Option<String>,
        #[serde(deserialize_with = "ids")]
        posts: Vec<String>,
        #[serde(deserialize_with = "time")]
        expires_in: Option<Duration>,
        #[serde(deserialize_with = "count")]
        bytes: Option<u64>,
        #[serde(deserialize_with = "number")]
        code: Option<i64>,
        #[serde(deserialize_with = "flag")]
        is_public: bool,
        #[serde(deserialize_with = "scopes")]
        scope: Vec<String>,
    }

    fn read(member: &str, value: &str) -> Reply {
        lenient::read(format!(r#"{{"{member}": {value}}}"#).as_bytes()).unwrap()
    }

    #[test]
    fn an_id_keeps_every_digit_however_it_is_written() {
        for id in ["17841400000000001", r#""17841400000000001""#] {
            assert_eq!(read("user_id", id).user_id.as_deref(), Some("17841400000000001"));
        }
        let long = json!("7".repeat(513)).to_string();
        for none in ["\"\"", "1.5", "{}", "null", "true", &long] {
            assert_eq!(read("user_id", none).user_id, None, "{none}");
        }
        let posts = read("posts", r#"[7602997517160123666, {}, "8", null]"#).posts;
        assert_eq!(posts, ["7602997517160123666", "8"]);
        assert!(read("posts", "5").posts.is_empty());
    }

    #[test]
    fn a_number_is_read_as_text_too_and_a_time_is_capped() {
        let time = |text: &str| read("expires_in", text).expires_in.map(|time| time.as_secs());
        for day in ["86400", "\"86400\"", "86400.0", "\" 86400.0 \"", "86400.9", "8.64e4"] {
            assert_eq!(time(day), Some(86_400), "{day}");
        }
        for huge in ["9223372036854775807", "18446744073709551616", "\"9223372036854775807\"", "1e30"] {
            assert_eq!(time(huge), Some(LONGEST_TIME), "{huge}");
        }
        for none in ["-1", "0", "\"soon\"", "null", "[60]", "1e300", "1e999", "\"NaN\"", "\"inf\"", "true"] {
            assert_eq!(time(none), None, "{none}");
        }
        assert_eq!((read("bytes", "-1").bytes, read("bytes", "\"7\"").bytes), (None, Some(7)));
        assert_eq!((read("code", "\"-2\"").code, read("code", "1e30").code), (Some(-2), None));
        assert_eq!(
            (read("is_public", "\"true\"").is_public, read("is_public", "1").is_public),
            (true, false)
        );
    }

    #[test]
    fn scopes_are_a_text_or_a_list() {
        for scope in [r#""a,b c""#, r#"["a", 5, "b", null, "c"]"#, r#"["a,b", "c"]"#] {
            assert_eq!(read("scope", scope).scope, ["a", "b", "c"], "{scope}");
        }
        assert!(read("scope", "{}").scope.is_empty());
    }
}
