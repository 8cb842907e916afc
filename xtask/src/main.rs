//! The project's tasks.
//!
//! `cargo run -p xtask -- prose [files]` measures the sentences of the pages. It fails on long ones and banned
//! words. Without `files` it also checks the comments in code for banned words.
//! `cargo run -p xtask -- links` checks the links between files, without a network.
//! `cargo run -p xtask -- commands` runs the commands that README and the local tutorial show.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use xtask::{commands, comments, links, prose};

const USAGE: &str = "usage: cargo run -p xtask -- prose [files] | links | commands";

fn main() -> ExitCode {
    let Some(root) = Path::new(env!("CARGO_MANIFEST_DIR")).parent() else {
        return ExitCode::FAILURE;
    };
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["prose", files @ ..] => check_prose(root, files),
        ["links"] => check_links(root),
        ["commands"] => match commands::run(root) {
            Ok(count) => Ok(format!("{count} blocks of commands were run")),
            Err(error) => Err(error.to_string()),
        },
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures all pages, or those named. The report is printed even if there are violations.
fn check_prose(root: &Path, files: &[&str]) -> Result<String, String> {
    let measured = if files.is_empty() {
        prose::measure_all(root)
    } else {
        // Relative to the caller's folder; `join` leaves absolute paths unchanged.
        let absolute = files.iter().map(std::path::absolute);
        absolute.collect::<Result<Vec<PathBuf>, _>>().and_then(|paths| prose::measure(root, paths))
    };
    let report = measured.map_err(|error| format!("the pages cannot be measured: {error}"))?;
    print!("{report}");
    let mut violations = report.violations();
    if files.is_empty() {
        let found = comments::check(root).map_err(|error| format!("the comments cannot be read: {error}"))?;
        let text = |(path, line, word): comments::Found| {
            format!("{}:{line}: the banned word {word:?}", path.display())
        };
        violations.extend(found.into_iter().map(text));
    }
    if violations.is_empty() { Ok("every page is plain".to_owned()) } else { Err(violations.join("\n")) }
}

/// Checks the links between files.
fn check_links(root: &Path) -> Result<String, String> {
    let found = links::check(root).map_err(|error| format!("the links cannot be checked: {error}"))?;
    if found.broken.is_empty() {
        return Ok(format!("all {} links have a target", found.checked));
    }
    Err(found.broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}
