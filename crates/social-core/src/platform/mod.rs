//! The platforms: facts and small state machines, without I/O.
//!
//! A platform is a folder and one line in `registry.rs`. Its files have the same names in every folder:
//!
//! - `facts` holds what is known about it, as data: its variables, its OAuth, its pace.
//! - `connect` lists the accounts of a grant, and revokes it.
//! - `options` holds the options of a post, and the checks of a draft.
//! - `limits` says which videos it accepts.
//! - `checkpoint` holds the data of each step: all that a restart needs.
//! - `steps` is the state machine: it names the steps, and reads the responses.
//! - `calls` describes the HTTP calls, and `replies` the parts of the responses that we use.
//! - `errors` lists its codes, with what to do.
//!
//! Files with other names hold what only that platform has. Nothing here uses a socket, a database or a clock.

mod accounts;
mod connector;
#[cfg(test)]
mod counting;
mod error;
pub mod facebook;
mod facts;
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
pub use connector::{Connector, DISCONNECTED, ENDED};
pub use error::{Disposition, ErrorRow, ErrorTable, PlatformError};
pub use facts::{Facts, Pace};
pub use options::{Given, UnreadableOptions};
pub use profile::{ClientParts, Extension, OAuthProfile, Pkce, Renewal, RevokedGrant, TokenGrant};
pub use registry::{FACTS, NewResult, PlatformOptions, ResultOptions, connector, find};
pub use rules::{Draft, Options, Problem, Rules, Severity};
pub use session_url::SessionUrl;
pub use steps::{AnyStep, CallContext, Progress, Publication, Shows, Steps, UnreadableCheckpoint};
pub use token_reply::{OAuthError, OAuthErrorKind};
pub use worker::SocialWorker;
