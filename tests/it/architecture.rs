//! The dependencies between modules, read from the source.

mod circles;
mod features;
mod names;
mod rooms;

use std::fs;
use std::path::{Path, PathBuf};

/// A module uses only modules on the lines above its own.
const ORDER: &[&[&str]] = &[
    &["clock"],
    &["entropy", "secret"],
    &["vault"],
    &["config", "http"],
    &["model"],
    &["meter", "trace"],
    &["video"],
    &["platform"],
    &["store"],
    &["oauth", "webhooks"],
    &["publish"],
    &["web"],
    &["doctor"],
];

/// Names that only these places may use: files, or folders with everything in them.
const RESERVED: &[(&str, &[&str])] = &[
    ("tokio_postgres::", &["store"]),
    ("reqwest::", &["http", "video", "webhooks"]),
    ("SystemTime::now", &["clock.rs"]),
    ("Utc::now", &["clock.rs"]),
    ("env::var", &["web/serve.rs"]),
    // A function that made the document itself would take twice as long to start.
    ("::describe(", &["web/document.rs"]),
    ("describe::add", &["web/endpoints.rs"]),
    ("document()", &["web/document.rs"]),
];

/// The most lines of a file, including its tests.
const LONGEST_FILE: usize = 400;

#[test]
fn a_module_uses_only_modules_above_its_own() {
    let mut wrong = Vec::new();
    for source in core() {
        let module = source.module();
        // `lib.rs` may use every module.
        let Some(line) = line_of(&module) else {
            assert_eq!(module, "lib", "{module} has no place in the order");
            continue;
        };
        for used in modules_used(&source.code) {
            if used != module && line_of(&used).is_none_or(|used| used >= line) {
                wrong.push(format!("{} uses crate::{used}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_reserved_for_a_place_stays_there() {
    let mut wrong = Vec::new();
    for source in core() {
        for (name, places) in RESERVED {
            let allowed = places.iter().any(|place| Path::new(&source.path).starts_with(place));
            if !allowed && source.code.contains(name) {
                wrong.push(format!("{} says {name}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_file_is_longer_than_a_reader_likes() {
    let mut wrong = Vec::new();
    for folder in ["crates", "functions", "tests", "xtask"] {
        for source in sources(&root().join(folder)) {
            if source.lines > LONGEST_FILE {
                wrong.push(format!("{folder}/{} has {} lines", source.path, source.lines));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_use_of_several_modules_names_each() {
    let used = |code| modules_used(code).collect::<Vec<_>>();
    assert_eq!(used("use crate::video::Facts;"), ["video"]);
    assert_eq!(used("use crate::{clock::Clock, http, secret::{A, B}};"), ["clock", "http", "secret"]);
    assert_eq!(used("f(crate::entropy::id(), pub(crate) x)"), ["entropy"]);
    assert_eq!(used("let a = 1;"), [""; 0]);
}

/// A file, without its comments.
struct Source {
    /// Relative to the folder that was read, with `/`.
    path: String,
    code: String,
    lines: usize,
}

impl Source {
    /// Returns the module at the crate's top that contains it.
    fn module(&self) -> String {
        let top = self.path.split('/').next().unwrap();
        top.trim_end_matches(".rs").to_owned()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn core() -> Vec<Source> {
    let sources = sources(&root().join("crates/social-core/src"));
    assert!(sources.len() > 10, "this reads the wrong folder");
    sources
}

fn sources(folder: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        // Some folders may not exist.
        for entry in fs::read_dir(next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push(Source {
                    path: path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(),
                    code: text.lines().map(|line| line.split("//").next().unwrap()).collect(),
                    lines: text.lines().count(),
                });
            }
        }
    }
    found
}

fn line_of(module: &str) -> Option<usize> {
    ORDER.iter().position(|line| line.contains(&module))
}

/// Returns the crate's modules that code uses: `crate::name` and `crate::{name, name::…}`.
fn modules_used(code: &str) -> impl Iterator<Item = String> {
    code.split("crate::").skip(1).flat_map(|rest| {
        let group = rest.strip_prefix('{').map_or_else(|| vec![rest], members);
        group.into_iter().map(|path| {
            let path = path.trim_start();
            let end = path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
            path[..end].to_owned()
        })
    })
}

/// Returns the parts between a group's commas, without those of an inner group.
fn members(group: &str) -> Vec<&str> {
    let mut depth = 0;
    group
        .split(|c| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            c == ',' && depth == 0
        })
        .collect()
}
