//! The publishing engine: one publisher leases, sends and saves. The pure function `settle` decides a step's
//! outcome.

mod calling;
mod hands;
mod inspect;
mod publisher;
mod report;
mod saving;
mod settle;
mod turn;

pub use inspect::{InspectError, inspect, judge};
pub use publisher::{Budget, Publisher};
pub use report::Report;
