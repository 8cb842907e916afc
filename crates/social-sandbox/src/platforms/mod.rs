//! The simulated platforms: what each is to the sandbox, and the list of them.

mod registry;
mod simulator;
mod state;

pub use registry::Apps;
pub(crate) use registry::{Memory, SIMULATORS, find};
pub(crate) use simulator::{Button, Simulator, nothing};
pub(crate) use state::{PlatformState, Tokens};
