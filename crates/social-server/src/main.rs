//! All functions in one process.
//!
//! Without a command this is local mode. It runs a private Postgres, the page, the worker on an interval
//! timer, and simulators for the platforms without credentials, all at one URL. `serve` is the same process
//! for a container, with nothing embedded and nothing simulated.

mod database;
mod demo;
mod door;
mod error;
mod functions;
mod headers;
mod hosted;
mod keep;
mod listen;
mod local;
mod logs;
mod probes;
mod refusal;
mod rotate;
mod sample;
mod simulate;
mod site;
mod stop;
mod tick;
mod vars;
mod welcome;

use std::env;
use std::process::ExitCode;

use error::ServerError;

const HELP: &str = "\
Connects social accounts and publishes videos to them at most once, without losing one.

Usage: social-server [COMMAND]

  (none)       local mode: everything on this machine, without preparation; reads .env
  serve        container mode: all settings from the environment, on 0.0.0.0:$PORT
  migrate      brings the schema of DATABASE_URL up to date
  rotate-keys  encrypts all stored values again with the first of TOKEN_ENCRYPTION_KEYS
  help         shows this text

Local mode listens on PORT (8888) and stores its data in .data/. If DATABASE_URL is set, it uses that instead of a
private Postgres. If a platform's credentials are set (TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET), it uses the real
platform instead of the simulated one. .env.example lists every variable.";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Five words and no options: a parser would be longer than this.
fn run() -> Result<(), ServerError> {
    let mut words = env::args().skip(1);
    match (words.next().as_deref(), words.next()) {
        (None, None) => local::run(),
        (Some("serve"), None) => hosted::run(),
        (Some("migrate"), None) => database::run(),
        (Some("rotate-keys"), None) => rotate::run(),
        (Some("help" | "--help" | "-h"), None) => {
            println!("{HELP}");
            Ok(())
        }
        (Some(word), _) => Err(ServerError::Usage(word.to_owned())),
        (None, Some(_)) => Err(ServerError::Usage(String::new())),
    }
}
