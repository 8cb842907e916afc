//! Recorded responses, each with one odd member: the important data must still be decoded.
//!
//! Every type that decodes a platform's response has a sample here. A test looks for it by name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use http::HeaderMap;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::Connector;
use crate::http::Reply;

/// A recorded response, and the purpose of decoding it.
pub(super) struct Sample {
    /// The types that decode it: the folder and the name.
    pub(super) types: &'static [&'static str],
    /// The platform's response.
    pub(super) good: Value,
    /// The required members: JSON pointers (RFC 6901).
    pub(super) essential: &'static [&'static str],
    /// Returns the important part of the outcome, as text.
    pub(super) read: Box<dyn Fn(&Reply) -> String>,
}

impl Sample {
    pub(super) fn new(
        types: &'static [&'static str],
        essential: &'static [&'static str],
        good: &[u8],
        read: impl Fn(&Reply) -> String + 'static,
    ) -> Self {
        Self { types, essential, good: serde_json::from_slice(good).unwrap(), read: Box::new(read) }
    }
}

/// Returns the access token in a token response.
pub(super) fn token(connector: &dyn Connector, reply: &Reply) -> String {
    let read = connector.read_grant(reply);
    read.map_or_else(|error| error.code, |grant| grant.access_token.expose().to_owned())
}

fn samples() -> Vec<Sample> {
    let all = [
        super::token_reply::tests::samples(),
        super::registry::samples(),
        super::meta::tests::odd::samples(),
    ];
    all.into_iter().flatten().collect()
}

/// The odd values of a member, as JSON.
const ODD: [&str; 24] = [
    "true",
    "false",
    "0",
    "-1",
    "1.5",
    "86400.0",
    "\"86400\"",
    "9223372036854775807",
    "18446744073709551616",
    "1e300",
    "1e999",
    "\"\"",
    "\" \"",
    "\"odd\"",
    "\"a\\u0000b\"",
    "\"a\\ud800b\"",
    "\"\\udc00\"",
    "\"a\tb\"",
    "[]",
    "{}",
    "[null]",
    "[[{}]]",
    "{\"a\": [1]}",
    "[\"odd\", 7]",
];

/// A value that no response holds, to be replaced.
const PLACE: &str = "~place~";

/// Collects the JSON pointers of all members and items.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let within: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, member)| (name.clone(), member)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
        _ => return,
    };
    for (name, member) in within {
        let pointer = format!("{at}/{name}");
        pointers(member, &pointer, found);
        found.push(pointer);
    }
}

fn without(mut value: Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Object(members) => drop(members.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().unwrap())),
        _ => unreachable!("{pointer} names a member"),
    }
    value
}

fn with(mut value: Value, pointer: &str, odd: &str) -> String {
    *value.pointer_mut(pointer).unwrap() = PLACE.into();
    value.to_string().replacen(&json!(PLACE).to_string(), odd, 1)
}

impl Sample {
    fn pointers(&self) -> Vec<String> {
        let mut found = Vec::new();
        pointers(&self.good, "", &mut found);
        found
    }

    fn outcome(&self, body: String) -> String {
        (self.read)(&Reply { status: 200, headers: HeaderMap::new(), body: Bytes::from(body) })
    }

    /// Reports whether the outcome depends on the member: it is required, or contains a required one or is
    /// part of it.
    fn hangs_on(&self, pointer: &str) -> bool {
        let is_within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.essential.iter().any(|essential| is_within(essential, pointer) || is_within(pointer, essential))
    }

    /// Checks that the outcome is that of the good response wherever possible.
    fn check(&self, pointer: &str, odd: &str) {
        let outcome = self.outcome(with(self.good.clone(), pointer, odd));
        if !self.hangs_on(pointer) {
            let shown: String = odd.chars().take(80).collect();
            assert_eq!(
                outcome,
                self.outcome(self.good.to_string()),
                "{pointer} as {shown} of {:?}",
                self.types
            );
        }
    }
}

#[test]
fn a_member_of_a_reply_may_be_anything_but_what_cannot_be_done_without() {
    for sample in samples() {
        for essential in sample.essential {
            assert!(sample.good.pointer(essential).is_some(), "{essential} of {:?}", sample.types);
        }
        for pointer in sample.pointers() {
            for odd in ODD {
                sample.check(&pointer, odd);
            }
            let long = json!("long ".repeat(50_000)).to_string();
            sample.check(&pointer, &long);
            sample.check(&pointer, &format!("{}{}", "[".repeat(500), "]".repeat(500)));
        }
    }
}

#[test]
fn what_is_null_is_absent() {
    for sample in samples() {
        for pointer in sample.pointers() {
            let absent = sample.outcome(without(sample.good.clone(), &pointer).to_string());
            let null = sample.outcome(with(sample.good.clone(), &pointer, "null"));
            assert_eq!(null, absent, "{pointer} of {:?}", sample.types);
            if !sample.hangs_on(&pointer) {
                assert_eq!(null, sample.outcome(sample.good.to_string()), "{pointer} of {:?}", sample.types);
            }
        }
    }
}

/// Generates JSON of any kind.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| json!(number).to_string()),
        any::<String>().prop_map(|text| json!(text).to_string()),
        // Halves of characters, NULs and other escapes.
        prop::collection::vec(any::<u16>(), 0..6).prop_map(|units| format!(
            "\"{}\"",
            units.iter().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat()
        )),
        "-?[1-9][0-9]{0,40}(\\.[0-9]{1,20})?(e[0-9]{1,4})?",
        Just("null".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(("[a-z_]{1,8}", inner), 0..4).prop_map(|members| {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

#[test]
fn no_json_in_the_place_of_a_member_spoils_another() {
    for sample in samples() {
        let pointers = sample.pointers();
        let cases = Config { cases: 200, failure_persistence: None, ..Config::default() };
        let one = (prop::sample::select(pointers), any_json());
        TestRunner::new(cases)
            .run(&one, |(pointer, odd)| {
                sample.check(&pointer, &odd);
                Ok(())
            })
            .unwrap();
    }
}

/// Files whose types decode our own data, a request, or no complete response.
const OURS: [&str; 5] = ["checkpoint.rs", "options.rs", "session_url.rs", "members.rs", "registry.rs"];

/// Returns the names of the types in `source` that are decoded from JSON.
fn types(source: &str) -> impl Iterator<Item = &str> {
    let derived = source.split("#[derive(").skip(1).filter(|rest| {
        rest.split_once(")]").is_some_and(|(derives, _)| {
            derives.contains("Deserialize")
                && !derives.contains("Serialize,")
                && !derives.ends_with(" Serialize")
        })
    });
    derived.filter_map(|rest| {
        let (_, named) = rest.split_once("struct ")?;
        named.split(|letter: char| !letter.is_alphanumeric()).next()
    })
}

fn scan(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if path.is_dir() && name != "tests" {
            scan(&path, &format!("{name}/"), found);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !OURS.contains(&name.as_str())
        {
            let source = fs::read_to_string(&path).unwrap();
            let (code, _) = source.split_once("#[cfg(test)]").unwrap_or((&source, ""));
            found.extend(types(code).map(|name| format!("{prefix}{name}")));
        }
    }
}

#[test]
fn every_type_that_reads_a_reply_has_a_sample() {
    let mut found = BTreeSet::new();
    scan(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/platform"), "", &mut found);
    let sampled: BTreeSet<String> =
        samples().iter().flat_map(|sample| sample.types).map(|name| (*name).to_owned()).collect();
    assert!(found.len() > 40, "{found:?}");
    assert_eq!(
        found.difference(&sampled).collect::<Vec<_>>(),
        [""; 0],
        "say in a sample what each is read from"
    );
    assert_eq!(sampled.difference(&found).collect::<Vec<_>>(), [""; 0], "these are read no more");
}
