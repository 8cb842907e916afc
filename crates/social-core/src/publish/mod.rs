//! The publishing engine: one publisher leases, sends and saves. The pure function `settle` decides a step's
//! outcome.

mod calling;
mod cut_off;
mod ending;
mod inspect;
mod invocation;
mod job;
mod publisher;
mod report;
mod run;
mod saving;
mod settle;
mod slots;
mod step_run;

pub use cut_off::CutOff;
pub use inspect::{InspectError, inspect, judge};
pub use publisher::{Budget, Publisher};
pub use report::Report;
