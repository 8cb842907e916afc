//! Builds the redirect from the callback to the page, with the outcome.

use url::form_urlencoded;

use crate::model::{PlatformId, ReturnTo};
use crate::platform::LeftOut;

/// Explains why nothing was connected, as a code for the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Neither a code nor an error came, or no state.
    InvalidResponse,
    /// We never issued this state.
    StateUnknown,
    /// This state was already used.
    StateUsed,
    /// The ten minutes have passed.
    StateExpired,
    /// Another browser started this request.
    OtherBrowser,
    /// The request came to another platform's callback.
    OtherPlatform,
    /// The person chose another account than the one to reconnect.
    OtherAccount,
    /// The person refused.
    AccessDenied,
    /// The platform refused, or the operator's settings are wrong.
    ExchangeFailed,
    /// The platform ended the sign-in with an error of its own.
    PlatformRefused,
    /// A scope that publishing needs was not granted.
    MissingScope,
    /// The grant opens no account that can publish.
    NoAccount,
    /// The platform gave a short-lived token and nothing to refresh it with.
    NotLasting,
    /// The platform could not be reached, or had errors.
    PlatformUnavailable,
    /// An error in our own code.
    Internal,
}

impl Reason {
    /// Returns the code in the redirect.
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

/// The redirect from the callback, with the outcome.
#[derive(Debug)]
pub struct Redirect {
    /// The page to return to.
    pub return_to: ReturnTo,
    /// The outcome, as the query of the page's URL. It holds no secret: it is stored, and used again.
    pub query: String,
}

impl Redirect {
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

    /// Returns the same redirect with the names of the accounts that were left out.
    pub(super) fn naming(self, left_out: &[LeftOut]) -> Self {
        let Some(names) = names_of(left_out) else { return self };
        let mut query = form_urlencoded::Serializer::new(self.query);
        Self { query: query.append_pair("left_out", &names).finish(), ..self }
    }
}

/// Five: as many names as fit in a sentence.
const MOST: usize = 5;
/// 60 characters of each name, as it is part of a URL.
const LONGEST: usize = 60;

/// Returns the names in one text, as "Reading Room, Old Page and 2 more"; `None` if none was left out.
fn names_of(left_out: &[LeftOut]) -> Option<String> {
    let name = |one: &LeftOut| -> String {
        one.name.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect()
    };
    let names = left_out.iter().take(MOST).map(name).collect::<Vec<_>>().join(", ");
    match left_out.len().saturating_sub(MOST) {
        0 => (!names.is_empty()).then_some(names),
        more => Some(format!("{names} and {more} more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_accounts_are_named_and_the_others_counted() {
        let pages = |count: usize| -> Vec<LeftOut> {
            (1..=count).map(|id| LeftOut { id: id.to_string(), name: format!("Page\n {id}") }).collect()
        };
        assert_eq!(names_of(&pages(0)), None);
        assert_eq!(names_of(&pages(1)).as_deref(), Some("Page 1"));
        assert_eq!(names_of(&pages(7)).as_deref(), Some("Page 1, Page 2, Page 3, Page 4, Page 5 and 2 more"));
        let long = [LeftOut { id: "1".to_owned(), name: "x".repeat(999) }];
        assert_eq!(names_of(&long).unwrap().len(), LONGEST);
    }
}
