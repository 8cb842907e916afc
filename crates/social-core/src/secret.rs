//! Values that must never be printed, and the only way to read them.

use std::fmt;

use zeroize::Zeroize;

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// Prints as its type's name only, has no `Display` and no `Serialize`, and is overwritten on drop.
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Wraps a value that came from outside.
            #[must_use]
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The value itself; called only where it leaves the process.
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
    /// What proves a platform call is made for an account (RFC 6749 §1.4).
    AccessToken,
    /// What buys the next access token (RFC 6749 §1.5).
    RefreshToken,
    /// The one-time ticket of an authorization response (RFC 6749 §4.1.2).
    AuthorizationCode,
    /// The secret half of PKCE (RFC 7636 §4.1).
    CodeVerifier,
    /// What proves to a platform that we are its client (RFC 6749 §2.3.1).
    ClientSecret,
    /// The name of one authorization request (RFC 6749 §4.1.1), known to one browser.
    State,
    /// What proves a caller may run the post worker.
    WorkerSecret,
    /// The key a product signs its users' tokens with (HS256).
    JwtSecret,
    /// Where the database is, with its password.
    DatabaseUrl,
    /// One form field's value: some are secrets, so all are treated as such.
    FormValue,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_only_its_name() {
        assert_eq!(format!("{:?}", AccessToken::new("act.canary")), "AccessToken(…)");
    }
}
