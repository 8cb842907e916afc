//! Reads videos from public URLs: which URLs are allowed, what the files are, whether a platform takes them.
//!
//! [`Sources`] opens a URL and reads ranges of it, [`probe`] finds a file's facts from a few of those ranges, [`judge`]
//! checks the facts against a platform's [`Limits`], and a [`Reading`] streams the file to a platform.

mod address;
mod boxes;
mod checksum;
mod client;
mod clusters;
mod colors;
mod container;
mod ebml;
mod expiry;
mod facts;
mod file;
mod fragments;
#[cfg(fuzzing)]
pub mod fuzzing;
mod hops;
mod limits;
mod matroska;
mod mp4;
mod pinned;
mod probe;
mod probe_error;
mod range_body;
mod reading;
mod reply;
mod rules;
mod same;
mod sample_entry;
mod samples;
mod sent_range;
mod source;
mod source_error;
mod sparse_buffer;
mod stream;
#[cfg(test)]
mod tests;
mod track;
mod truncation;

pub(crate) use address::check as check_address;
pub use address::{AddressPolicy, Lookup, SystemLookup};
pub use checksum::{Checksum, UnknownChecksum};
pub use client::ClientError;
pub(crate) use client::guarded_client;
pub use facts::{AudioCodec, Chroma, Container, Hdr, VideoCodec, VideoFacts};
pub use file::{Opened, VideoFile, VideoUrl};
pub use limits::{Limits, Orientation, Wishes};
pub use pinned::PinnedVideo;
pub use probe::probe;
pub use probe_error::ProbeError;
pub use range_body::{RangeBody, RangeOutcome};
pub use reading::Reading;
pub use rules::{Finding, Verdict, judge};
pub use sent_range::SentRange;
pub use source::Sources;
pub use source_error::{Refusal, SourceError};
