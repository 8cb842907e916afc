//! TikTok: Login Kit for Web and the Content Posting API, v2.
//!
//! A video is published in one of two ways. `FILE_UPLOAD`: init creates a task that publishes nothing, chunks
//! follow, and the last chunk is the point of no return. `PULL_FROM_URL`, for URLs under a prefix that TikTok
//! has verified: init itself is that point. In both cases the status reports the outcome.

mod calls;
mod checkpoint;
mod chunks;
mod connect;
mod errors;
mod facts;
mod limits;
mod options;
mod replies;
mod status;
mod steps;
pub mod webhook;

pub use self::checkpoint::{Step, Task};
pub use self::facts::{FACTS, TikTok};
pub use self::options::{Options, PostMode};

#[cfg(test)]
pub(super) mod tests;
