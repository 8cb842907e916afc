//! Strict simulators of the platforms, with state.
//!
//! Each platform is one module with its own pages, its own rules and its own record of what was published. So
//! a test can tell once from twice, and a person can look at the result. The parts that all of them need
//! exist once: the clock, the faults, the storage, the frame of the pages and the control endpoints. A
//! platform is its folder and one line in `platforms/registry.rs`.

mod address;
mod authorization;
mod avatar;
mod call;
mod client;
mod clock;
mod consent;
mod control;
mod controls;
pub mod facebook;
mod fault;
mod gallery;
mod index;
pub mod instagram;
mod instruction;
mod login;
mod media;
pub mod meta;
mod overview;
mod page;
mod pkce;
mod place;
mod platforms;
mod pull;
mod random;
mod receiver;
mod registration;
mod request;
mod router;
mod sandbox;
mod serve;
mod storage;
pub mod tiktok;
mod video;
pub mod youtube;

pub use fault::{Fault, FaultKind};
pub use platforms::Apps;
pub use registration::{NotRegistered, Registration};
pub use sandbox::{OpenError, Sandbox, Settings};
pub use serve::{HangUp, serve};
