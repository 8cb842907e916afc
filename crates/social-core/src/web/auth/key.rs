//! An issuer's public key, with the algorithms it verifies.

use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde_json::Value;

use super::token::{Token, named};

/// The asymmetric algorithms, the only ones an issuer's key may be for.
pub(super) const ALGORITHMS: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// 32 bytes: an Ed25519 key (RFC 8032 §5.1.5).
const ED25519_LENGTH: usize = 32;

/// A key in a published set (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// A key that verifies signatures.
#[derive(Debug)]
pub(super) struct Key {
    /// Its id, if it has one.
    pub(super) kid: Option<String>,
    /// The algorithms that its type and curve allow, or the one it names. Never what a token names.
    algorithms: Vec<Algorithm>,
    public: DecodingKey,
}

impl Key {
    /// Reads a key of a set. `None` if it is for another use or cannot be read (RFC 7517 §5).
    pub(super) fn read(value: &Value) -> Option<Self> {
        // Serde would accept a list as an object.
        let jwk = Jwk::deserialize(value).ok().filter(|_| value.is_object())?;
        let is_for_signatures = jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        let may_verify = jwk.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !is_for_signatures || !may_verify {
            return None;
        }
        let public = jwk.public()?;
        let allowed = |algorithm: &Algorithm| match &jwk.alg {
            Some(name) => named(name) == Some(*algorithm),
            None => true,
        };
        let mut algorithms: Vec<Algorithm> = jwk.fitting().iter().copied().filter(allowed).collect();
        // The library notices a point that is not on the curve only when it verifies a signature.
        algorithms.retain(|algorithm| crypto::verify("", b"", &public, *algorithm).is_ok());
        (!algorithms.is_empty()).then_some(Self { kid: jwk.kid, algorithms, public })
    }

    pub(super) fn is_for(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    pub(super) fn has_signed(&self, token: &Token<'_>, algorithm: Algorithm) -> bool {
        self.is_for(algorithm) && token.is_signed_by(&self.public, algorithm)
    }
}

impl Jwk {
    /// Returns the algorithms that a key of this type and curve can verify.
    fn fitting(&self) -> &'static [Algorithm] {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => &[
                Algorithm::RS256,
                Algorithm::RS384,
                Algorithm::RS512,
                Algorithm::PS256,
                Algorithm::PS384,
                Algorithm::PS512,
            ],
            ("EC", Some("P-256")) => &[Algorithm::ES256],
            ("EC", Some("P-384")) => &[Algorithm::ES384],
            ("OKP", Some("Ed25519")) => &[Algorithm::EdDSA],
            _ => &[],
        }
    }

    fn public(&self) -> Option<DecodingKey> {
        match self.kty.as_str() {
            "RSA" => DecodingKey::from_rsa_components(self.n.as_ref()?, self.e.as_ref()?).ok(),
            "EC" => DecodingKey::from_ec_components(self.x.as_ref()?, self.y.as_ref()?).ok(),
            // The library does not check the length.
            "OKP" => DecodingKey::from_ed_components(self.x.as_ref()?)
                .ok()
                .filter(|key| key.try_get_as_bytes().is_ok_and(|bytes| bytes.len() == ED25519_LENGTH)),
            _ => None,
        }
    }
}
