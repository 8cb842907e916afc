//! Instagram: Instagram Login and the content publishing API, for Reels.
//!
//! A container is created, which is invisible: Meta fetches the video from its URL, or we send the bytes.
//! When it is finished, `media_publish` makes it public. That is the one call that must not be sent twice.
//! The container's status reports the outcome of a lost one.

mod calls;
mod checkpoint;
mod connect;
mod errors;
mod facts;
mod limits;
mod list;
mod options;
mod replies;
mod status;
mod steps;
mod verify;

pub use self::checkpoint::{Step, Task};
pub use self::facts::{FACTS, Instagram};
pub use self::options::Options;

#[cfg(test)]
pub(super) mod tests;
