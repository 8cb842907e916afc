//! All functions in one process.
//!
//! Without a command this is local mode. It runs a private Postgres, the page, the worker on an interval
//! timer, and simulators for the platforms without credentials, all at one URL. `serve` is the same process
//! for a container, with nothing embedded and nothing simulated.

mod command;
mod database;
mod demo;
mod doctor;
mod door;
mod error;
mod functions;
mod generate_key;
mod headers;
mod health;
mod hosted;
mod keep;
mod listen;
mod local;
mod logs;
mod metrics;
mod probes;
mod refusal;
mod rotate;
mod sample;
mod simulate;
mod site;
mod stop;
mod support;
mod table;
#[cfg_attr(not(feature = "otel"), path = "no_telemetry.rs")]
mod telemetry;
mod tick;
mod vars;
mod welcome;

use std::process::ExitCode;

use clap::Parser as _;

use command::{Command, Line};
use error::ServerError;

fn main() -> ExitCode {
    let line = match Line::try_parse() {
        Ok(line) => line,
        Err(refusal) => {
            // Printing fails only if there is no one to read it.
            let _ = refusal.print();
            return if refusal.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    match run(line.command.as_ref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Option<&Command>) -> Result<(), ServerError> {
    match command {
        None => local::run(),
        Some(Command::Serve) => hosted::run(),
        Some(Command::Migrate) => database::run(),
        Some(Command::RotateKeys) => rotate::run(),
        Some(Command::GenerateKey) => generate_key::run(),
        Some(Command::Health) => health::run(),
        Some(Command::Doctor(options)) => doctor::run(options),
        Some(Command::Accounts { support }) => support::accounts(support),
        Some(Command::Results { support, state }) => support::results(support, state.as_deref()),
        Some(Command::Retry { result, support }) => support::retry(support, *result),
        Some(Command::Resolve { result, outcome, support }) => support::resolve(support, *result, *outcome),
    }
}
