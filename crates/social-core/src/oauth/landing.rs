//! Where the popup goes from the callback, and with what news.

use url::form_urlencoded;

use super::left_out;
use crate::model::{PlatformId, ReturnTo};
use crate::platform::LeftOut;

/// Why nothing was connected: a code for the page to explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Neither a code nor an error came, or no state.
    InvalidResponse,
    /// We never made this state.
    StateUnknown,
    /// This state has served already.
    StateUsed,
    /// The ten minutes are over.
    StateExpired,
    /// Another browser began this.
    OtherBrowser,
    /// Another platform's callback was called.
    OtherPlatform,
    /// Another account than the one to be connected again was chosen.
    OtherAccount,
    /// The person said no.
    AccessDenied,
    /// The platform said no, or the operator's settings are wrong.
    ExchangeFailed,
    /// The platform ended the sign-in with an error of its own.
    PlatformRefused,
    /// A permission that publishing needs was not given.
    MissingScope,
    /// The grant opens no account that can be published to.
    NoAccount,
    /// The platform gave a token that dies soon and nothing to refresh it with.
    NotLasting,
    /// The platform could not be reached or is having trouble.
    PlatformUnavailable,
    /// Our own fault.
    Internal,
}

impl Reason {
    /// The code in the redirect.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidResponse => "invalid_response",
            Self::StateUnknown => "state_unknown",
            Self::StateUsed => "state_used",
            Self::StateExpired => "state_expired",
            Self::OtherBrowser => "other_browser",
            Self::OtherPlatform => "other_platform",
            Self::OtherAccount => "other_account",
            Self::AccessDenied => "access_denied",
            Self::ExchangeFailed => "exchange_failed",
            Self::PlatformRefused => "platform_refused",
            Self::MissingScope => "missing_scope",
            Self::NoAccount => "no_account",
            Self::NotLasting => "not_lasting",
            Self::PlatformUnavailable => "platform_unavailable",
            Self::Internal => "internal_error",
        }
    }
}

/// Where the popup goes, and with what news.
#[derive(Debug)]
pub struct Landing {
    /// The page.
    pub return_to: ReturnTo,
    /// The news, as the query of the page's address. It holds no secret: it is kept, and shown again.
    pub query: String,
}

impl Landing {
    pub(super) fn new(
        return_to: ReturnTo,
        platform: Option<&PlatformId>,
        outcome: Result<(), Reason>,
    ) -> Self {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("social", if outcome.is_ok() { "connected" } else { "error" });
        if let Some(platform) = platform {
            query.append_pair("platform", platform.as_str());
        }
        if let Err(reason) = outcome {
            query.append_pair("reason", reason.code());
            tracing::info!(error.code = reason.code(), "nothing was connected: {}", reason.code());
        }
        Self { return_to, query: query.finish() }
    }

    /// The same, with the names of the accounts that were left out, whatever came of the others.
    pub(super) fn naming(self, left_out: &[LeftOut]) -> Self {
        let Some(names) = left_out::names(left_out) else { return self };
        let mut query = form_urlencoded::Serializer::new(self.query);
        Self { query: query.append_pair("left_out", &names).finish(), ..self }
    }
}
