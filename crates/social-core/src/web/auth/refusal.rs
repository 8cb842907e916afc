//! Explains why a token is rejected, in words that its sender may see (RFC 6750 §3.1).

use std::time::Duration;

use crate::web::codes::UserCode;
use crate::web::error::ApiError;

/// Explains why a token is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("The token is longer than 8 KiB.")]
    TooLong,
    #[error(
        "The token is encrypted (a JWE), like the session cookies of NextAuth and Auth.js. Send a signed JWT."
    )]
    Encrypted,
    #[error(
        "The token is not a JWT. It looks like a session cookie or an opaque access token. Send a signed JWT."
    )]
    NotJwt,
    #[error("The token's claims can't be read.")]
    Unreadable,
    #[error("The token requires extensions (crit) that aren't supported here.")]
    Critical,
    #[error("The token isn't signed (alg none). These algorithms are accepted: {accepted}.")]
    Unsigned { accepted: String },
    #[error("The token is signed with {name}. These algorithms are accepted: {accepted}.")]
    Algorithm { name: String, accepted: String },
    #[error("The issuer publishes no key with the token's key ID (kid) for {algorithm}.")]
    UnknownKey { algorithm: String, kid: String },
    #[error("The token has no key ID (kid), and none of the issuer's keys for {algorithm} matches.")]
    NoKey { algorithm: String },
    #[error("The token's signature doesn't match.")]
    Signature,
    #[error("The token has no expiry time (exp).")]
    NoExpiry,
    #[error("The token has expired. Sign in again.")]
    Expired,
    #[error("The token isn't valid yet.")]
    NotYetValid,
    #[error("The token is from another issuer.")]
    Issuer { found: String },
    #[error("The token is for another audience.")]
    Audience { found: String },
    #[error("The token has no user ID (sub). It must be a text of 1 to 255 characters.")]
    Subject,
}

impl Refusal {
    /// Returns its name in the log.
    pub(super) fn cause(&self) -> &'static str {
        match self {
            Self::TooLong => "token_too_long",
            Self::Encrypted | Self::NotJwt => "not_a_jwt",
            Self::Unreadable => "claims_unreadable",
            Self::Critical => "crit_not_supported",
            Self::Unsigned { .. } | Self::Algorithm { .. } => "algorithm_not_accepted",
            Self::UnknownKey { .. } | Self::NoKey { .. } => "unknown_kid",
            Self::Signature => "signature_differs",
            Self::NoExpiry => "no_expiry",
            Self::Expired => "token_expired",
            Self::NotYetValid => "token_not_yet_valid",
            Self::Issuer { .. } => "issuer_differs",
            Self::Audience { .. } => "audience_differs",
            Self::Subject => "no_subject",
        }
    }

    /// Returns the sentence for the operator, who may have to fix a setting. It shows claims only if the
    /// token's signature was verified.
    pub(super) fn told_to_operator(&self, issuer: Option<&str>, audiences: &[String]) -> String {
        let short = |text: &str| text.chars().take(MOST_TOLD).collect::<String>();
        match self {
            Self::Issuer { found } => {
                let required = issuer.unwrap_or_default();
                format!("{self} Its iss is {:?}, AUTH_JWT_ISSUER is {required:?}.", short(found))
            }
            Self::Audience { found } => {
                let required = audiences.join(",");
                format!("{self} Its aud is {:?}, AUTH_JWT_AUDIENCE is {required:?}.", short(found))
            }
            Self::UnknownKey { kid, .. } => format!("{self} Its kid is {:?}.", short(kid)),
            Self::TooLong
            | Self::Encrypted
            | Self::NotJwt
            | Self::Unreadable
            | Self::Critical
            | Self::Unsigned { .. }
            | Self::Algorithm { .. }
            | Self::NoKey { .. }
            | Self::Signature
            | Self::NoExpiry
            | Self::Expired
            | Self::NotYetValid
            | Self::Subject => self.to_string(),
        }
    }
}

/// 200 characters of outside text: a URL is shorter.
const MOST_TOLD: usize = 200;

/// Explains why a request with a token was rejected.
#[derive(Debug)]
pub(super) enum Denied {
    /// The token is not accepted.
    Refused(Refusal),
    /// The issuer's keys are not available now, so the token cannot be checked until then.
    Unavailable(Duration),
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Refused(refusal) => {
                Self::from(UserCode::Unauthorized).saying(refusal.to_string()).invalid_token()
            }
            Denied::Unavailable(after) => Self::from(UserCode::SignInUnavailable).retry_after(after),
        }
    }
}
