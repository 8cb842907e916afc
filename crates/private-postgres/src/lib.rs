//! A private Postgres, for local mode and for tests.
//!
//! [`durable`] keeps its data between runs and stops after its last user, even if that process is killed.
//! [`shared_for_tests`] is a temporary server for one test run: in memory where possible, shared by every
//! test binary, removed when the run ends. Both listen on a Unix socket in a private directory, never on a
//! port. Both use a Postgres of the machine, or fetch one into the user's cache.
//!
//! This crate uses only the standard library, and no `unsafe`. System calls go through `kill`, `id`, `mkfifo`
//! and a small `sh` script that outlives the process. It works on Unix only; elsewhere the error names
//! `DATABASE_URL`.

mod address;
mod error;

#[cfg(unix)]
mod binaries;
#[cfg(unix)]
mod cluster;
#[cfg(unix)]
mod fetch;
#[cfg(unix)]
mod patience;
#[cfg(unix)]
mod place;
#[cfg(unix)]
mod postmaster;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod shared;
#[cfg(unix)]
mod user;
#[cfg(unix)]
mod wire;

#[cfg(not(unix))]
mod elsewhere;

pub use address::Address;
pub use error::Error;

#[cfg(unix)]
pub use server::{Server, durable};
#[cfg(unix)]
pub use shared::shared_for_tests;

#[cfg(not(unix))]
pub use elsewhere::{Server, durable, shared_for_tests};

/// The database of every [`durable`] server.
pub const DATABASE: &str = "social_publisher";

/// The name of our directories under `/var` and in the user's cache.
#[cfg(unix)]
const APP: &str = "social-publisher";
