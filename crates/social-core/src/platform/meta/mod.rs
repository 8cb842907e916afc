//! What Instagram and Facebook share: the Graph API's calls, errors, usage headers and upload host.
//!
//! Sources: Graph API overview (rate limiting, error handling), "Reels publishing", "Content publishing", and the
//! specifications behind Meta's own SDK 26.0.3.

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
/// It lives until 2028-07-29 (Graph API changelog), and Meta's own examples use it.
pub(super) const VERSION_NOW: &str = "v25.0";

/// The variable with the address of what stands in for Meta's upload host, in tests and local mode.
pub(super) const UPLOAD: &str = "META_UPLOAD_URL";
/// The host that takes bytes, and the only one a token is sent to beside Graph's.
pub(super) const UPLOAD_HOST: &str = "rupload.facebook.com";

/// As much of a text as fits into `most` characters. How Meta counts is not said: Unicode scalar values here.
pub(super) fn cut(text: &str, most: usize) -> &str {
    super::text::cut(text, most, |text| text.chars().count())
}

#[cfg(test)]
pub(super) mod tests;
