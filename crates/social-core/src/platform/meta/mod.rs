//! The parts that Instagram and Facebook share: the Graph API's calls, errors, usage headers and upload host.
//!
//! Sources: Graph API overview (rate limiting, error handling), "Reels publishing", "Content publishing", and
//! the specifications behind Meta's own SDK 26.0.3.

mod calls;
mod errors;
mod facts;
mod refusal;
mod replies;
mod upload;
mod usage;

pub(super) use calls::{api_call, proof, video_address};
pub(super) use errors::{SHARED, numbers_in, quota};
pub(super) use facts::{UPLOAD, UPLOAD_HOST, VERSION, VERSION_NOW, cut};
pub(super) use refusal::{Refusal, Remedy, is_verdict};
pub(super) use replies::{GraphError, HIDDEN_HORIZON, code_of, failure, oauth_error, read};
pub(super) use upload::{UploadAnswer, read_upload, upload_call};
pub(super) use usage::pressed;

#[cfg(test)]
pub(super) mod tests;
