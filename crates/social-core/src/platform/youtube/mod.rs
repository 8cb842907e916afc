//! YouTube: Google's OAuth 2.0 and resumable uploads of the YouTube Data API v3.
//!
//! A session is opened with all data of the video, and publishes nothing. Chunks follow, each at the offset
//! that YouTube has named. The last byte is the point of no return. After any failure, YouTube's byte count
//! is queried. The same query returns the video's id if the last response was lost. A video is published once
//! YouTube has processed it.

mod calls;
mod checkpoint;
mod chunks;
mod connect;
mod errors;
mod facts;
mod limits;
mod options;
mod processing;
mod replies;
mod search;
mod steps;
mod upload;
mod words;

pub use self::checkpoint::{Session, Step, Upload};
pub use self::facts::{FACTS, YouTube};
pub use self::options::Options;

#[cfg(test)]
pub(super) mod tests;
