//! Strict, stateful stand-ins for the platforms.
//!
//! Each platform is one module with its own pages, its own rules and its own memory of what was published,
//! so that a test can tell once from twice and a person can look at the result. What all of them need
//! exists once: the clock, the faults, the storage, the pages' frame and the control endpoints.

mod address;
mod avatar;
mod call;
mod clock;
mod consent;
mod control;
pub mod facebook;
mod fault;
mod gallery;
mod index;
pub mod instagram;
mod instruction;
mod media;
pub mod meta;
mod page;
mod pkce;
mod pull;
mod random;
mod receiver;
mod request;
mod sandbox;
mod serve;
mod storage;
pub mod tiktok;
mod video;
pub mod youtube;

pub use fault::{Fault, FaultKind};
pub use sandbox::{OpenError, Sandbox, Settings};
pub use serve::{HangUp, serve};
