//! The simulated YouTube, used by a real HTTP client over loopback.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test panics where it finds something wrong, also in its helpers"
)]

mod clients;
mod connect;
mod faults;
mod harness;
mod pages;
mod processing;
mod quota;
mod refusals;
#[path = "../stage/mod.rs"]
mod stage;
#[path = "../stage/tokens.rs"]
mod tokens;
mod upload;
