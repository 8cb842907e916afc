//! The page of states, and the tables that list a value of an enum in each row.

use std::collections::BTreeSet;
use std::fs;

use super::{at, docs, listed, quoted, section, table, variants};

const MODEL: &str = "crates/social-core/src/model";

/// Returns a name of the database as the API spells it.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

fn named(rows: &[&str]) -> Vec<String> {
    rows.iter().map(|row| quoted(row).next().unwrap().to_owned()).collect()
}

#[test]
fn the_states_of_a_result_are_the_programs_in_the_table_and_in_the_diagram() {
    let page = docs("states.md");
    let states: BTreeSet<String> = variants(&format!("{MODEL}/result.rs"), "StateName").into_iter().collect();
    let result = section(&page, "A result");
    let rows: BTreeSet<String> = named(&table(result, "| state |")).into_iter().collect();
    assert_eq!(rows, states);
    let diagram = result.split("```mermaid").nth(1).unwrap().split("```").next().unwrap();
    let arrows: Vec<(&str, &str)> = diagram
        .lines()
        .filter_map(|line| {
            let (from, to) = line.trim().split_once(" --> ")?;
            Some((from, to.split(':').next().unwrap()))
        })
        .collect();
    let drawn: BTreeSet<String> = arrows
        .iter()
        .flat_map(|(from, to)| [*from, *to])
        .filter(|s| *s != "[*]")
        .map(str::to_owned)
        .collect();
    assert_eq!(drawn, states);
    // What is final leads nowhere else.
    for state in ["published", "cancelled"] {
        let ends: Vec<&str> = arrows.iter().filter(|(from, _)| *from == state).map(|(_, to)| *to).collect();
        assert_eq!(ends, ["[*]"], "{state}");
    }
}

#[test]
fn the_states_of_a_post_are_the_programs_in_the_order_in_which_they_are_tried() {
    let page = docs("states.md");
    let found = named(&table(section(&page, "A post"), "| state |"));
    let states: BTreeSet<String> = variants(&format!("{MODEL}/post.rs"), "PostState").into_iter().collect();
    assert_eq!(found.iter().cloned().collect::<BTreeSet<_>>(), states);
    // The function says them in the order of its `case`, the last after `else`.
    let source = fs::read_to_string(at("sql/post_state.sql")).unwrap();
    let tried: Vec<String> = source
        .split("then '")
        .skip(1)
        .chain(source.split("else '").skip(1))
        .map(|rest| camel(rest.split('\'').next().unwrap()))
        .collect();
    assert_eq!(found, tried);
}

#[test]
fn the_other_tables_of_states_are_the_programs() {
    let (states, api) = (docs("states.md"), docs("api.md"));
    for (page, header, file, name) in [
        (&states, "| status | meaning | what ends it |", "account.rs", "AccountStatus"),
        (&states, "| `heldReason` |", "hold.rs", "HeldReason"),
        (&api, "| `outcome` |", "result.rs", "AttemptOutcome"),
    ] {
        let found: BTreeSet<String> = named(&table(page, header)).into_iter().collect();
        let expected: BTreeSet<String> = variants(&format!("{MODEL}/{file}"), name).into_iter().collect();
        assert_eq!(found, expected, "{name}");
    }
    let effects = variants("crates/social-core/src/http/call.rs", "Effect");
    for effect in effects {
        assert!(
            listed(&docs("glossary.md")).contains(effect.as_str()) || api.contains(&format!("`{effect}`"))
        );
    }
}
