//! The engine: one publisher leases, sends and saves; `settle` decides what a turn means, purely.

mod inspect;
mod publisher;
mod settle;

pub use inspect::{InspectError, inspect, judge};
pub use publisher::{Budget, Publisher, Report};
