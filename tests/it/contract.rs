//! The contract: `openapi.json` is what the program's routes and types say.

use std::collections::BTreeSet;

use serde_json::Value;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.json");

#[test]
fn the_document_is_fresh() {
    let made = social_core::web::document().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(PATH, &made).unwrap();
    }
    let kept = std::fs::read_to_string(PATH).unwrap();
    assert!(kept == made, "run UPDATE_OPENAPI=1 cargo test -p it the_document_is_fresh");
}

#[test]
fn every_operation_has_an_id_of_its_own_and_every_reference_a_target() {
    let document = serde_json::to_value(social_core::web::document()).unwrap();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{method} {path} shares its id {id}");
        }
    }
    assert!(ids.len() >= 20, "only {} operations", ids.len());
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in found {
        let target = document.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some(), "{reference} has no target");
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}
