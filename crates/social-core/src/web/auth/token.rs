//! A JWS in compact form (RFC 7515 §3.1), parsed but not yet verified.

use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::refusal::Refusal;

/// 8 KiB: identity providers issue no longer tokens.
const LONGEST: usize = 8 * 1024;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
    #[serde(default, deserialize_with = "is_there")]
    enc: bool,
}

fn is_there<'de, D: Deserializer<'de>>(member: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(member).map(|_| true)
}

/// A signed token.
pub(super) struct Token<'a> {
    /// The id of the key that the token names.
    pub(super) kid: Option<String>,
    alg: String,
    signed: &'a str,
    claims: &'a str,
    signature: &'a str,
}

impl<'a> Token<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, Refusal> {
        if text.len() > LONGEST {
            return Err(Refusal::TooLong);
        }
        let parts: Vec<&str> = text.split('.').collect();
        let header: Header = parts.first().copied().and_then(read_part).ok_or(Refusal::NotJwt)?;
        let (signed, claims, signature) = match (parts.as_slice(), text.rsplit_once('.')) {
            // RFC 7516 §7.1.
            ([_, _, _, _, _], _) if header.enc => return Err(Refusal::Encrypted),
            ([_, claims, _], Some((signed, signature))) => (signed, *claims, signature),
            _ => return Err(Refusal::NotJwt),
        };
        // RFC 7515 §4.1.11: we support no extensions.
        if header.crit {
            return Err(Refusal::Critical);
        }
        Ok(Self { kid: header.kid, alg: header.alg, signed, claims, signature })
    }

    /// Returns the algorithm that the token names, if it is accepted.
    pub(super) fn algorithm(&self, accepted: &[Algorithm]) -> Result<Algorithm, Refusal> {
        named(&self.alg).filter(|algorithm| accepted.contains(algorithm)).ok_or_else(|| {
            let names: Vec<String> = accepted.iter().map(|algorithm| format!("{algorithm:?}")).collect();
            let accepted = names.join(", ");
            let is_name = (1..=24).contains(&self.alg.len())
                && self.alg.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-_".contains(&b));
            match self.alg.as_str() {
                none if none.eq_ignore_ascii_case("none") => Refusal::Unsigned { accepted },
                name if is_name => Refusal::Algorithm { name: name.to_owned(), accepted },
                _ => Refusal::Algorithm { name: "an unknown algorithm".to_owned(), accepted },
            }
        })
    }

    /// Reports whether a key has signed it.
    pub(super) fn is_signed_by(&self, key: &DecodingKey, algorithm: Algorithm) -> bool {
        crypto::verify(self.signature, self.signed.as_bytes(), key, algorithm).unwrap_or(false)
    }

    /// Returns its claims; `None` if they cannot be read.
    pub(super) fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        read_part(self.claims)
    }
}

/// Returns the algorithm for a name in a header or a key. `Ed25519` is the newer name (RFC 9864 §2.2).
pub(super) fn named(name: &str) -> Option<Algorithm> {
    if name == "Ed25519" { Some(Algorithm::EdDSA) } else { Algorithm::from_str(name).ok() }
}

/// Reads an object. Serde would accept a list as one.
fn read_part<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    if json.trim_ascii_start().starts_with(b"{") { serde_json::from_slice(&json).ok() } else { None }
}
