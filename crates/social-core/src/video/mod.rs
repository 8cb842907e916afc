//! Reads videos from public URLs: which URLs are allowed, what the files are, whether a platform takes them.
//!
//! [`Sources`] opens a URL and reads ranges of it, [`probe`] finds a file's facts from a few of those ranges, [`judge`]
//! checks the facts against a platform's [`Limits`], and a [`Reading`] streams the file to a platform.

mod address;
mod boxes;
mod checksum;
mod clusters;
mod colors;
mod container;
mod ebml;
mod ending;
mod expiry;
mod facts;
mod file;
mod fragments;
#[cfg(fuzzing)]
pub mod fuzzing;
mod held;
mod hops;
mod limits;
mod matroska;
mod mp4;
mod passage;
mod pinned;
mod probe;
mod reading;
mod reply;
mod rules;
mod same;
mod sample_entry;
mod samples;
mod sent;
mod source;
mod source_error;
mod stream;
#[cfg(test)]
mod tests;

pub use address::{AddressPolicy, Lookup, Refusal, SystemLookup};
pub use checksum::{Checksum, UnknownChecksum};
pub use facts::{AudioCodec, Chroma, Container, Hdr, VideoCodec, VideoFacts};
pub use file::{Opened, VideoFile, VideoUrl};
pub use limits::{Limits, Orientation, Wishes};
pub use passage::Passage;
pub use pinned::PinnedVideo;
pub use probe::{ProbeError, probe};
pub use reading::{Passed, Reading};
pub use rules::{Finding, Verdict, judge};
pub use sent::Sent;
pub use source::{ClientError, Sources};
pub use source_error::SourceError;
