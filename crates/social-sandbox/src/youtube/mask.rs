//! `fields`: the part of a response that a client requests ("Working with partial resources").

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// A selection such as `items(id,snippet/title),pageInfo`; a name without a selection below it stands for all
/// of it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Mask(BTreeMap<String, Mask>);

impl Mask {
    /// Parses a selection; `None` if it is not one.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut letters = text.chars().peekable();
        let mask = Self::list(&mut letters)?;
        letters.next().is_none().then_some(mask)
    }

    fn list(letters: &mut Peekable<Chars<'_>>) -> Option<Self> {
        let mut mask = Self::default();
        loop {
            mask.path(letters)?;
            if letters.next_if_eq(&',').is_none() {
                return Some(mask);
            }
        }
    }

    /// Parses one name, with the selection below it.
    fn path(&mut self, letters: &mut Peekable<Chars<'_>>) -> Option<()> {
        let mut name = String::new();
        while let Some(letter) = letters.next_if(|letter| letter.is_ascii_alphanumeric() || *letter == '*') {
            name.push(letter);
        }
        if name.is_empty() {
            return None;
        }
        let below = self.0.entry(name).or_default();
        if letters.next_if_eq(&'/').is_some() {
            return below.path(letters);
        }
        if letters.next_if_eq(&'(').is_some() {
            below.0.extend(Self::list(letters)?.0);
            letters.next_if_eq(&')')?;
        }
        Some(())
    }

    /// Returns the selected part of a response.
    pub(super) fn of(&self, value: Value) -> Value {
        if self.0.is_empty() {
            return value;
        }
        match value {
            Value::Array(items) => items.into_iter().map(|item| self.of(item)).collect(),
            Value::Object(fields) => {
                let wanted = |name: &str| self.0.get(name).or_else(|| self.0.get("*"));
                let kept = fields.into_iter().filter_map(|(name, value)| {
                    let below = wanted(&name)?;
                    Some((name, below.of(value)))
                });
                kept.collect::<Map<_, _>>().into()
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;
    use serde_json::json;

    #[test]
    fn a_response_is_reduced_to_the_requested_fields() {
        let reply = json!({ "kind": "k", "items": [{ "id": 1, "snippet": { "title": "a", "tags": [] }, "etag": "e" }] });
        for (text, kept) in [
            ("items(id,snippet/title)", json!({ "items": [{ "id": 1, "snippet": { "title": "a" } }] })),
            ("kind,items/snippet(title)", json!({ "kind": "k", "items": [{ "snippet": { "title": "a" } }] })),
            ("items/*/title", json!({ "items": [{ "id": 1, "snippet": { "title": "a" }, "etag": "e" }] })),
            ("*", reply.clone()),
            ("nothing", json!({})),
        ] {
            assert_eq!(Mask::read(text).expect(text).of(reply.clone()), kept, "{text}");
        }
        for bad in ["", "items(", "items(id", "items)", "a,,b", "a//b", "a b"] {
            assert_eq!(Mask::read(bad), None, "{bad}");
        }
    }
}
