//! The simulated platforms: what each is to the sandbox, and the list of them.

mod registry;
mod simulator;

pub use registry::Apps;
pub(crate) use registry::{Memory, SIMULATORS, find};
pub(crate) use simulator::{About, Button, Simulator};
