//! The docs list what the program does: codes, options, steps, variables, endpoints, states, limits and metrics.

mod codes;
mod configuration;
mod constants;
mod endpoints;
mod figures;
mod metrics;
mod platforms;
mod sentences;
mod states;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn docs(name: &str) -> String {
    fs::read_to_string(at("docs").join(name)).unwrap()
}

/// The source files under a folder, without tests.
fn rust_files(folder: PathBuf) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.file_name().and_then(|name| name.to_str()) {
                Some("tests" | "tests.rs" | "counting.rs") => {}
                _ if path.is_dir() => folders.push(path),
                _ if path.extension().is_some_and(|extension| extension == "rs") => found.push(path),
                _ => {}
            }
        }
    }
    found
}

/// A source file without its comments and tests, on one line, with single blanks.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines: Vec<&str> =
        text.lines().map(|line| line.split("// ").next().unwrap_or_default().trim()).collect();
    lines.join(" ")
}

/// The texts that begin and end in a piece of code.
fn texts(code: &str) -> impl Iterator<Item = &str> {
    let whole = code.rsplit_once('"').map_or("", |(whole, _)| whole);
    whole.split('"').skip(1).step_by(2)
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// What stands between backticks in the first cell of any row of a table.
fn listed(text: &str) -> BTreeSet<&str> {
    let cells = text.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').next());
    cells.flat_map(quoted).collect()
}

/// The text under a heading of the second level.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let start = format!("\n## {heading}\n");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no section {heading}"));
    rest.split("\n## ").next().unwrap_or_default()
}

/// The rows of the first table whose header row begins so.
fn table<'a>(page: &'a str, header: &str) -> Vec<&'a str> {
    let rows = page.lines().skip_while(|line| !line.starts_with(header)).skip(2);
    let rows: Vec<&str> = rows.take_while(|line| line.starts_with('|')).collect();
    assert!(!rows.is_empty(), "no table {header}");
    rows
}

/// The cells of a row.
fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

/// The variants of an enum, as JSON has them.
fn variants(file: &str, name: &str) -> Vec<String> {
    let text = fs::read_to_string(at(file)).unwrap();
    let (_, rest) = text.split_once(&format!("pub enum {name} {{\n")).unwrap_or_else(|| panic!("no {name}"));
    let body = rest.split("\n}").next().unwrap_or_default();
    let names = body.lines().map(str::trim).filter_map(|line| line.strip_suffix(','));
    let names = names.filter(|name| name.starts_with(char::is_uppercase));
    let found: Vec<String> =
        names.map(|name| format!("{}{}", name[..1].to_lowercase(), &name[1..])).collect();
    assert!(found.len() >= 3, "{name}: {found:?}");
    found
}
