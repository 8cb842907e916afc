//! What is known of the platforms: facts and small state machines, pure.
//!
//! A platform is one module with one `impl SocialWorker` and one line in [`WORKERS`]. Nothing here touches a
//! socket, a database or a clock.

mod error;
mod ids;
mod profile;
mod session_url;
pub mod tiktok;
mod worker;

use crate::model::PlatformId;

pub use error::{Disposition, ErrorTable, PlatformError};
pub use profile::{OAuthError, OAuthErrorKind, OAuthProfile, Pkce, RemoteAccount, TokenGrant};
pub use session_url::SessionUrl;
pub use worker::{
    AnyWorker, CallContext, Draft, Pace, Problem, Progress, Publication, Severity, Shows, SocialWorker,
    UnreadableCheckpoint,
};

/// Every platform there is.
pub const WORKERS: &[&dyn AnyWorker] = &[&tiktok::TikTok];

/// The platform of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn AnyWorker> {
    WORKERS.iter().copied().find(|worker| worker.id().as_str() == name)
}

/// The platform an account or a result is of.
#[must_use]
pub fn of(id: &PlatformId) -> Option<&'static dyn AnyWorker> {
    find(id.as_str())
}
