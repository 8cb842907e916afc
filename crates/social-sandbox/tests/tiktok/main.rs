//! The simulated TikTok, used by a real HTTP client over loopback.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test panics where it finds something wrong, also in its helpers"
)]

mod connect;
mod faults;
mod harness;
mod pages;
mod publish;
mod pull;
mod refusals;
#[path = "../stage/mod.rs"]
mod stage;
mod storage;
#[path = "../stage/tokens.rs"]
mod tokens;
mod webhooks;
