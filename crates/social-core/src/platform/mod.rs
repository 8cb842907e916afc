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
mod options;
mod profile;
mod registry;
mod rules;
mod session_url;
mod steps;
#[cfg(test)]
mod testing;
mod text;
pub mod tiktok;
mod token_reply;
mod worker;
pub mod youtube;

pub(crate) use members::split_scopes;
pub(crate) use misread::{Misread, read as read_json};

pub use accounts::{AccountRef, LeftOut, RemoteAccount, RemoteAccounts};
pub use any::AnyWorker;
pub use error::{Disposition, ErrorTable, PlatformError};
pub use options::{Given, Options, UnreadableOptions};
pub use profile::{ClientParts, Extension, OAuthProfile, Pkce, Renewal, RevokedGrant, TokenGrant};
pub use registry::{NewResult, PlatformOptions, WORKERS, find, of};
pub use rules::{Draft, Problem, Rules, Severity};
pub use session_url::SessionUrl;
pub use steps::{AnyStep, CallContext, Progress, Publication, Shows, Steps, UnreadableCheckpoint};
pub use token_reply::{OAuthError, OAuthErrorKind};
pub use worker::{DISCONNECTED, ENDED, Pace, SocialWorker};
