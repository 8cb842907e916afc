//! Decodes JSON from users into a type. An error names the field, in words for people.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::clock::TIME;

/// A field with a wrong value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misread {
    /// The stable code, as for the other fields of a request.
    pub(crate) code: &'static str,
    /// The field's path; empty for the whole value.
    pub(crate) field: String,
    /// The sentence on what to write instead.
    pub(crate) message: String,
}

/// Decodes a value; `whole` names the whole value in an error.
pub(crate) fn read<T: DeserializeOwned>(whole: &str, value: &Value) -> Result<T, Misread> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." || path == "?" { "" } else { &path };
        // serde names what it expected. The value that it may quote is the caller's own.
        let reason = error.into_inner().to_string();
        if reason.starts_with("unknown field") {
            return Misread { code: "unknown_field", field: path.to_owned(), message: sentence(&reason) };
        }
        // Only the sentence names a missing field.
        if let Some(named) = reason.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            let field = if path.is_empty() { named.to_owned() } else { format!("{path}.{named}") };
            return Misread { code: "missing_field", field, message: sentence(&reason) };
        }
        let name = if path.is_empty() { whole } else { path };
        let message = match wanted(&reason) {
            Some(wanted) => format!("{name} must be {wanted}."),
            None => sentence(&reason),
        };
        Misread { code: "invalid_field", field: path.to_owned(), message }
    })
}

/// Returns what the field must be, from serde's error.
fn wanted(reason: &str) -> Option<String> {
    if reason.starts_with("UUID parsing failed") {
        return Some("an id, such as 019ae2c4-7d10-7c3e-9b0e-0c5b9a1f2d11".to_owned());
    }
    let expected = reason.rsplit_once(", expected ")?.1;
    if reason.starts_with("unknown variant") {
        return Some(expected.to_owned());
    }
    let known = match expected {
        TIME => "a time with a UTC offset, such as 2026-12-24T18:00:00+01:00",
        "a string" | "string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a formatted UUID string" => "an id, as text",
        "f32" | "f64" => "a number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" if reason.starts_with("invalid value") => "a whole number closer to 0",
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        _ if expected == "a map" || expected.starts_with("struct ") => "an object, such as {}",
        _ => return None,
    };
    Some(known.to_owned())
}

fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::clock::Timestamp;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        One,
        Two,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only its reading matters")]
    struct Body {
        version: i64,
        #[serde(default, deserialize_with = "crate::clock::rfc3339_or_null")]
        publish_at: Option<Timestamp>,
        most: Option<usize>,
        offset: Option<i32>,
        ids: Option<Vec<Uuid>>,
        kind: Option<Kind>,
        said: Option<bool>,
        title: Option<String>,
        inner: Option<Box<Body>>,
    }

    #[test]
    fn what_does_not_read_is_named_with_what_to_write_instead() {
        let time = "publishAt must be a time with a UTC offset, such as 2026-12-24T18:00:00+01:00.";
        let id = "an id, such as 019ae2c4-7d10-7c3e-9b0e-0c5b9a1f2d11.";
        for (name, value, field, message) in [
            ("publishAt", json!("2026-12-24"), "publishAt", time),
            ("publishAt", json!("tomorrow"), "publishAt", time),
            ("publishAt", json!(""), "publishAt", time),
            ("publishAt", json!("2026-13-24T18:00:00Z"), "publishAt", time),
            ("publishAt", json!("2026-02-30T18:00:00Z"), "publishAt", time),
            ("publishAt", json!("2026-12-24T18:00:00Z or so"), "publishAt", time),
            ("publishAt", json!(5), "publishAt", time),
            ("version", json!("1"), "version", "version must be a whole number."),
            ("version", json!(null), "version", "version must be a whole number."),
            ("most", json!(-1), "most", "most must be a whole number, 0 or more."),
            ("offset", json!(i64::MAX), "offset", "offset must be a whole number closer to 0."),
            ("ids", json!("x"), "ids", "ids must be a list."),
            ("ids", json!(["x"]), "ids[0]", &format!("ids[0] must be {id}")),
            ("ids", json!([1]), "ids[0]", "ids[0] must be an id, as text."),
            ("kind", json!("three"), "kind", "kind must be `one` or `two`."),
            ("said", json!("yes"), "said", "said must be true or false."),
            ("title", json!(1), "title", "title must be text."),
            ("inner", json!("x"), "inner", "inner must be an object, such as {}."),
            ("inner", json!({"version": "x"}), "inner.version", "inner.version must be a whole number."),
            ("inner", json!({}), "inner.version", "Missing field `version`."),
        ] {
            let mut body = json!({"version": 1});
            body[name] = value;
            let misread = read::<Body>("The body", &body).unwrap_err();
            assert_eq!((misread.field.as_str(), misread.message.as_str()), (field, message), "{body}");
        }
        let misread = read::<Body>("The body", &json!([])).unwrap_err();
        assert_eq!((misread.field.as_str(), misread.code), ("", "invalid_field"));
        let misread = read::<Body>("The body", &json!({"versoin": 1})).unwrap_err();
        assert_eq!((misread.field.as_str(), misread.code), ("versoin", "unknown_field"));
        assert!(misread.message.starts_with("Unknown field `versoin`, expected one of"), "{misread:?}");
    }
}
