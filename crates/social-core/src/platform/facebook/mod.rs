//! Facebook Pages: Facebook Login, Reels, and plain videos where a Reel's limits are exceeded.
//!
//! A start creates an invisible video with an id. Its bytes follow. For a Reel, all missing bytes go to the
//! upload host at once. For a plain video, they go to Graph, in the pieces it requests. The finish is the one
//! call that must not be sent twice. Before and after it, the video's status reports the progress. The video
//! is published when the publishing phase says so.

mod attempts;
mod calls;
mod check;
mod checkpoint;
mod connect;
mod errors;
mod facts;
mod limits;
mod options;
mod pages;
mod poll;
mod replies;
mod steps;

pub use self::checkpoint::{Clip, Finish, Sending, Step, Watch};
pub use self::facts::{FACTS, Facebook};
pub use self::options::{Options, Surface};

#[cfg(test)]
pub(super) mod tests;
