//! Runs real processes over one Postgres, and kills them with `kill -9` while the platform fails and Postgres
//! restarts. Then it counts what was published, from the platform's own state.
//!
//! `cargo run --bin soak -- --help` lists the options. docs/testing.md describes what a run checks.

mod account;
mod blow;
mod caller;
mod dice;
mod error;
mod evidence;
mod film;
mod fleet;
mod hardship;
mod news;
mod plan;
#[path = "../../../tests/it/pooler.rs"]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the tests' own pgbouncer; a run cannot go on without it"
)]
mod pooler;
mod post;
mod postgres;
mod product;
mod program;
mod report;
mod run;
mod stage;
mod timeline;
mod trouble;
mod verdict;
mod wire;

use std::process::ExitCode;

use plan::{HELP, Plan};

fn main() -> ExitCode {
    let plan = match Plan::read(std::env::args().skip(1)) {
        Ok(Some(plan)) => plan,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    match run::run(&plan) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("the soak could not be run (seed {}): {error}", plan.seed);
            ExitCode::FAILURE
        }
    }
}
