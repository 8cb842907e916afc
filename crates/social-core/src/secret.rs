//! Values that must never be printed, and the only way to read them.

use std::fmt::{self, Write as _};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// Prints as its type's name only, has no `Display` and no `Serialize`, and is overwritten on drop.
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Wraps a value from outside.
            #[must_use]
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// Returns the value. Called only where the value leaves the process.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                self.0.zeroize();
            }
        }
    )+};
}

secrets! {
    /// Authenticates a platform call for an account (RFC 6749 §1.4).
    AccessToken,
    /// Buys the next access token (RFC 6749 §1.5).
    RefreshToken,
    /// The one-time code of an authorization response (RFC 6749 §4.1.2).
    AuthorizationCode,
    /// The secret half of PKCE (RFC 7636 §4.1).
    CodeVerifier,
    /// Authenticates us to a platform as its client (RFC 6749 §2.3.1).
    ClientSecret,
    /// The name of one authorization request (RFC 6749 §4.1.1), known to one browser.
    State,
    /// Authenticates a caller that may run the post worker.
    WorkerSecret,
    /// The token that a caller of ours sent (RFC 6750 §2.1).
    BearerToken,
    /// The key that signs the users' tokens (HS256).
    JwtSecret,
    /// Signs outgoing webhooks: base64, without its `whsec_`.
    WebhookSecret,
    /// The URL of the database, with its password.
    DatabaseUrl,
    /// The value of a form field. Some are secrets, so all are treated as secrets.
    FormValue,
}

impl ClientSecret {
    /// Returns the HMAC-SHA256 of a text with this secret, in lower-case hex. It proves that the caller has
    /// the secret without revealing it (Meta's `appsecret_proof`).
    ///
    /// # Panics
    /// Never: HMAC takes a key of any length (RFC 2104 §2).
    #[must_use]
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    pub fn proof(&self, text: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).expect("a key of any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().iter().fold(String::new(), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_only_its_name() {
        assert_eq!(format!("{:?}", AccessToken::new("act.canary")), "AccessToken(…)");
    }

    #[test]
    fn a_proof_is_the_hmac_of_rfc_4231() {
        // Test case 2 (§4.3).
        let proof = ClientSecret::new("Jefe").proof("what do ya want for nothing?");
        assert_eq!(proof, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
