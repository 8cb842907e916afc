//! What an operator asks about sign-in.

use super::refusal::Denied;
use super::{Authenticator, Signer};
use crate::clock::Timestamp;
use crate::model::OwnerId;

/// The keys that an issuer publishes now.
pub(crate) struct IssuerKeys {
    /// How many can verify a signature.
    pub(crate) usable: usize,
    /// The time, by the clock of the issuer's server.
    pub(crate) date: Option<Timestamp>,
}

impl Authenticator {
    /// Fetches the issuer's keys; `None`: tokens are verified with a shared secret. The error is a sentence for the
    /// operator.
    pub(crate) async fn find_keys(&self) -> Option<Result<IssuerKeys, String>> {
        let Signer::Keys(keys) = &self.signer else { return None };
        let fetched = keys.fetch().await;
        let found = fetched.map(|fetched| IssuerKeys { usable: fetched.keys.len(), date: fetched.date });
        Some(found.map_err(|trouble| format!("The keys at AUTH_JWKS_URL cannot be fetched: {trouble}.")))
    }

    /// Returns the owner that a token identifies, or a sentence for the operator. It never contains the token.
    pub(crate) async fn try_token(&self, token: &str) -> Result<OwnerId, String> {
        self.owner(token, self.clock.now()).await.map_err(|denied| match denied {
            Denied::Refused(refusal) => refusal.told_to_operator(self.issuer.as_deref(), &self.audiences),
            Denied::Unavailable(_) => "The issuer's keys are not available.".to_owned(),
        })
    }
}
