//! The parts that Instagram and Facebook share: the Graph API's calls, errors, usage headers and upload host.
//!
//! Sources: Graph API overview (rate limiting, error handling), "Reels publishing", "Content publishing", and
//! the specifications behind Meta's own SDK 26.0.3.

mod calls;
mod errors;
mod refusal;
mod replies;
mod upload;
mod usage;

pub(super) use calls::{api_call, proof, video_address};
pub(super) use errors::{SHARED, numbers_in, quota};
pub(super) use refusal::{Refusal, Remedy, is_verdict};
pub(super) use replies::{GraphError, HIDDEN_HORIZON, code_of, failure, oauth_error, read};
pub(super) use upload::{UploadAnswer, read_upload, upload_call};
pub(super) use usage::pressed;

/// The variable with the Graph API's version.
pub(super) const VERSION: &str = "META_GRAPH_VERSION";
/// Meta supports it until 2028-07-29 (Graph API changelog), and Meta's own examples use it.
pub(super) const VERSION_NOW: &str = "v25.0";

/// The variable with the URL of Meta's simulated upload host, in tests and local mode.
pub(super) const UPLOAD: &str = "META_UPLOAD_URL";
/// The host that receives bytes. Apart from Graph's host, only this one gets a token.
pub(super) const UPLOAD_HOST: &str = "rupload.facebook.com";

/// Returns the start of a text, at most `most` characters. Meta does not document how it counts; we count
/// Unicode scalar values.
pub(super) fn cut(text: &str, most: usize) -> &str {
    super::text::cut(text, most, |text| text.chars().count())
}

#[cfg(test)]
pub(super) mod tests;
