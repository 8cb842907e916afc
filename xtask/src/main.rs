//! The project's chores.
//!
//! `cargo run -p xtask -- prepare` checks every query against the migrations and updates `.sqlx`, from which
//! the macros know the queries when no database is at hand; with `--check` it only says what is out of date.

mod prepare;
mod query_data;

use std::path::Path;
use std::process::ExitCode;

use prepare::{Goal, prepare};

const USAGE: &str = "usage: cargo run -p xtask -- prepare [--check]";

fn main() -> ExitCode {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["prepare"] => prepare(root, Goal::Update),
        ["prepare", "--check"] => prepare(root, Goal::Check),
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
