//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use uuid::Uuid;

/// What stands below the list of commands.
const AFTER: &str = "\
Without a command this is local mode: everything on this machine, without preparation. It reads .env, listens on PORT
(8888) and stores its data in .data/. If DATABASE_URL is set, it uses that instead of a private Postgres. If a platform's
credentials are set (TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET), it uses the real platform instead of the simulated one.
.env.example lists every variable.";

/// Connects social accounts and publishes videos to them at most once, without losing one.
#[derive(Debug, Parser)]
#[command(name = "social-server", after_help = AFTER)]
pub(crate) struct Line {
    /// What to do; nothing: local mode.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What the program can do besides local mode.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Container mode: all settings from the environment, on 0.0.0.0:$PORT
    Serve,
    /// Brings the schema of `DATABASE_URL` up to date
    Migrate,
    /// Encrypts all stored values again with the first of `TOKEN_ENCRYPTION_KEYS`
    RotateKeys,
    /// Prints a new key for `TOKEN_ENCRYPTION_KEYS`
    GenerateKey,
    /// Asks the process on PORT whether it is ready: exit code 0 or 1, for a container's health check
    Health,
    /// Checks every setting live, and says what to do: exit code 1 if something is wrong
    Doctor(Doctor),
    /// Lists an owner's accounts
    Accounts {
        #[command(flatten)]
        support: Support,
    },
    /// Lists an owner's results
    Results {
        #[command(flatten)]
        support: Support,
        /// Lists only results in this state, as the API names it: failed, inDoubt, held, ...
        #[arg(long)]
        state: Option<String>,
    },
    /// Restarts the failed and expired results of a result's post
    Retry {
        /// The result's id
        result: Uuid,
        #[command(flatten)]
        support: Support,
    },
    /// Resolves a result in doubt by what its owner sees on the account
    Resolve {
        /// The result's id
        result: Uuid,
        /// Whether the video is on the account
        outcome: Seen,
        #[command(flatten)]
        support: Support,
    },
}

/// Whether the video is on the account.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Seen {
    /// It is there
    Published,
    /// It is not there
    NotPublished,
}

/// The options of the commands for support.
#[derive(Debug, Args)]
pub(crate) struct Support {
    /// The owner: the sub of the user's token
    #[arg(long)]
    pub(crate) owner: String,
    /// Prints the JSON of the API
    #[arg(long)]
    pub(crate) json: bool,
}

/// The options of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Tries a user's token, from this file; - is the standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) token: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Line::command().debug_assert();
    }
}
