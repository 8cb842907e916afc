//! The authorization-code flow (RFC 6749 §4.1), once, for every platform and both sets of endpoints.

mod callback;
mod connect;
mod disconnect;
mod exchange;
mod redirect;
mod refresh;

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::clock::Clock;
use crate::config::{Config, PlatformSettings};
use crate::entropy::Entropy;
use crate::http::Http;
use crate::model::PlatformId;
use crate::platform::{self, Connector, Facts};
use crate::store::{Store, StoreError};

pub use callback::AuthorizationResponse;
pub use connect::{AuthorizationRequest, Cookie, Started};
pub use redirect::{Reason, Redirect};
pub use refresh::{BUSY_PAUSE, REFRESH_PAUSE, RefreshFailed, Refreshed};

/// The dependencies of the flow.
#[derive(Debug, Clone)]
pub struct Flow {
    /// The database.
    pub store: Store,
    /// The HTTP client for the platforms.
    pub http: Http,
    /// The settings.
    pub config: Arc<Config>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of random numbers.
    pub entropy: Arc<dyn Entropy>,
}

/// Explains why an authorization request could not start.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The platform does not exist, or is disabled.
    #[error("the platform is not available")]
    PlatformOff,
    /// The owner has no such account on this platform.
    #[error("no such account")]
    UnknownAccount,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ConnectError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::PlatformOff => "platform_off",
            Self::UnknownAccount => "account_not_found",
            Self::Store(error) => error.code(),
        }
    }
}

impl Flow {
    /// Returns an enabled platform with its settings.
    #[must_use]
    pub fn platform(&self, id: &PlatformId) -> Option<(&'static Facts, &PlatformSettings)> {
        Some((platform::find(id.as_str())?, self.config.platforms.get(id.as_str())?))
    }

    /// Returns how to connect accounts of an enabled platform, with its settings.
    #[must_use]
    pub fn connector(&self, id: &PlatformId) -> Option<(&'static dyn Connector, &PlatformSettings)> {
        Some((platform::connector(id)?, self.config.platforms.get(id.as_str())?))
    }
}

fn sha256(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
