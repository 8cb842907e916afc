//! The variables: each that the program reads stands once in the docs and in the example, with its default.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use social_core::platform::FACTS;

use super::{at, cells, code_of, docs, rust_files};

/// What a call begins with that names a variable.
const READS: &[&str] = &["optional(", "required(", "number(", "list(", "find(", "var(", "var_os("];

/// The variables that are read by their own names. A platform's are data, and come from its worker.
fn read_by_name() -> BTreeSet<String> {
    let mut files = rust_files(at("crates/social-core/src/config"));
    files.push(at("crates/social-core/src/web/serve.rs"));
    files.extend(rust_files(at("crates/social-server/src")));
    files.push(at("crates/private-postgres/src/binaries.rs"));
    let mut found = BTreeSet::new();
    for code in files.iter().map(|file| code_of(file)) {
        for read in READS {
            for call in code.split(&format!("{read}\"")).skip(1) {
                let name = call.split('"').next().unwrap();
                let is_name = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
                // PATH is the system's.
                if name.len() >= 4 && name.bytes().all(is_name) && name != "PATH" {
                    found.insert(name.to_owned());
                }
            }
        }
    }
    assert!(found.len() >= 14, "only {found:?}");
    found
}

/// Every variable that the program reads, with its default if that is a constant.
fn variables() -> BTreeMap<String, Option<String>> {
    let mut found: BTreeMap<String, Option<String>> =
        read_by_name().into_iter().map(|name| (name, None)).collect();
    for facts in FACTS {
        let (vars, oauth) = (&facts.vars, &facts.oauth);
        let callback = format!("$APP_URL/.netlify/functions/{}", vars.callback);
        found.insert(vars.client_id.to_owned(), None);
        found.insert(vars.client_secret.to_owned(), None);
        found.insert(vars.redirect_uri.to_owned(), Some(callback));
        for (name, default) in vars.urls.iter().chain(vars.words) {
            found.insert((*name).to_owned(), Some((*default).to_owned()));
        }
        found.extend(vars.audited.map(|name| (name.to_owned(), None)));
        for name in vars.lists {
            let is_scopes = *name == oauth.scopes_var;
            found.insert((*name).to_owned(), is_scopes.then(|| oauth.scopes.join(",")));
        }
    }
    let config = code_of(&at("crates/social-core/src/config/mod.rs"));
    for name in ["WORKER_BUDGET_SECONDS", "WORKER_CONCURRENCY"] {
        let (_, rest) = config.split_once(&format!("number(\"{name}\", ")).unwrap();
        found.insert(name.to_owned(), Some(rest.split(',').next().unwrap().to_owned()));
    }
    let server = code_of(&at("crates/social-server/src/vars.rs"));
    let (_, rest) = server.split_once("const PORT: u16 = ").unwrap();
    found.insert("PORT".to_owned(), Some(rest.split(';').next().unwrap().to_owned()));
    found
}

/// The rows of the page, by variable: its cells.
fn rows(page: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut found = BTreeMap::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells = cells(row);
        let name = cells[0].trim_matches('`');
        assert!(found.insert(name, cells).is_none(), "{name} stands twice");
    }
    found
}

/// The variables of the example, with the values beside them, commented out or not.
fn example(text: &str) -> BTreeMap<&str, &str> {
    let mut found = BTreeMap::new();
    for (name, value) in text.lines().filter_map(|line| line.trim_start_matches('#').split_once('=')) {
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') {
            assert!(found.insert(name, value).is_none(), "{name} stands twice");
        }
    }
    found
}

#[test]
fn every_variable_that_the_program_reads_stands_once_in_the_docs_and_in_the_example() {
    let (page, text) = (docs("configuration.md"), fs::read_to_string(at(".env.example")).unwrap());
    let (rows, example) = (rows(&page), example(&text));
    let variables = variables();
    let read: BTreeSet<&str> = variables.keys().map(String::as_str).collect();
    let in_docs: BTreeSet<&str> = rows.keys().copied().collect();
    assert_eq!(in_docs, read, "docs/configuration.md beside what is read");
    // The host sets this one.
    let mut in_example: BTreeSet<&str> = example.keys().copied().collect();
    in_example.insert("AWS_LAMBDA_RUNTIME_API");
    assert_eq!(in_example, read, ".env.example beside what is read");
}

#[test]
fn every_default_in_the_docs_and_in_the_example_is_the_programs() {
    let (page, text) = (docs("configuration.md"), fs::read_to_string(at(".env.example")).unwrap());
    let (rows, example) = (rows(&page), example(&text));
    let mut read = 0;
    for (name, default) in variables() {
        let Some(default) = default else { continue };
        read += 1;
        let cells = &rows[name.as_str()];
        // Base URLs have two columns; the others a meaning before the default.
        let shown = cells.get(2).or_else(|| cells.get(1)).unwrap();
        assert!(shown.starts_with(&format!("`{default}`")), "{name} is {default}, the docs say {shown}");
        let in_example = example[name.as_str()];
        let expected = default.replace("$APP_URL", "https://app.example.com");
        assert_eq!(in_example, expected, "{name} in .env.example");
    }
    assert!(read >= 20, "only {read} defaults");
}

#[test]
fn every_range_in_the_docs_is_the_programs() {
    let page = docs("configuration.md");
    let config = code_of(&at("crates/social-core/src/config/mod.rs"));
    for name in ["WORKER_BUDGET_SECONDS", "WORKER_CONCURRENCY"] {
        let (_, rest) = config.split_once(&format!("number(\"{name}\", ")).unwrap();
        let numbers: Vec<&str> = rest.split(')').next().unwrap().split(", ").collect();
        let range = format!("{} to {}", numbers[1], numbers[2]);
        assert!(rows(&page)[name][1].contains(&range), "{name} takes {range}");
    }
}
