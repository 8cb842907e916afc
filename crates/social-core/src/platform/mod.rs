//! The platforms: facts and small state machines, without I/O.
//!
//! A platform is one module with one `impl SocialWorker` and one line in [`WORKERS`]. Nothing here uses a
//! socket, a database or a clock.

mod accounts;
mod any;
#[cfg(test)]
mod counting;
mod error;
pub mod facebook;
pub mod instagram;
mod members;
mod meta;
mod misread;
#[cfg(test)]
mod odd_replies;
mod profile;
mod session_url;
mod text;
pub mod tiktok;
mod token_reply;
mod worker;
pub mod youtube;

use crate::model::PlatformId;

pub(crate) use members::split_scopes;
pub(crate) use misread::{Misread, read as read_json};

pub use accounts::{AccountRef, LeftOut, RemoteAccount, RemoteAccounts};
pub use any::{AnyWorker, UnreadableCheckpoint};
pub use error::{Disposition, ErrorTable, PlatformError};
pub use profile::{ClientParts, Extension, OAuthProfile, Pkce, Renewal, RevokedGrant, TokenGrant};
pub use session_url::SessionUrl;
pub use token_reply::{OAuthError, OAuthErrorKind};
pub use worker::{
    CallContext, DISCONNECTED, Draft, ENDED, Pace, Problem, Progress, Publication, Severity, Shows,
    SocialWorker,
};

/// Every platform.
pub const WORKERS: &[&dyn AnyWorker] =
    &[&tiktok::TikTok, &youtube::YouTube, &instagram::Instagram, &facebook::Facebook];

/// Returns the platform of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn AnyWorker> {
    WORKERS.iter().copied().find(|worker| worker.id().as_str() == name)
}

/// Returns the platform of an account or a result.
#[must_use]
pub fn of(id: &PlatformId) -> Option<&'static dyn AnyWorker> {
    find(id.as_str())
}
