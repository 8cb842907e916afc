//! The simulated Facebook, used by a real HTTP client over loopback.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test panics where it finds something wrong, also in its helpers"
)]

mod clients;
mod connect;
#[path = "../stage/graph.rs"]
mod graph;
mod harness;
mod pages;
mod reels;
#[path = "../stage/mod.rs"]
#[expect(dead_code, reason = "what begins with a PUT is for the other platforms")]
mod stage;
mod videos;
