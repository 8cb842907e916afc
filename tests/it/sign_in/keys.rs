//! The keys of the tests, and their signatures.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

static KEYS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../fixtures/sign_in/keys.json")).unwrap());

/// Returns the public key of a name, as JWK, with more members.
pub(super) fn jwk(name: &str, more: Value) -> Value {
    let mut jwk = KEYS[name]["jwk"].clone();
    let Value::Object(more) = more else { panic!("{more} is no object") };
    jwk.as_object_mut().unwrap().extend(more);
    jwk
}

/// Returns a set of keys.
pub(super) fn set(keys: &[Value]) -> Value {
    json!({ "keys": keys })
}

/// Signs claims with the key of a name, with this header.
#[expect(clippy::needless_pass_by_value, reason = "headers are written where they are used")]
pub(super) fn sign(name: &str, header: Value, claims: &Value) -> String {
    sign_text(name, &header, &claims.to_string())
}

/// Signs claims that are not valid JSON.
pub(super) fn sign_text(name: &str, header: &Value, claims: &str) -> String {
    let signed = unsigned(header, claims);
    let der = STANDARD.decode(KEYS[name]["der"].as_str().unwrap()).unwrap();
    let key = match name {
        "rsa" | "rsa-new" => EncodingKey::from_rsa_der(&der),
        "ed25519" => EncodingKey::from_ed_der(&der),
        _ => EncodingKey::from_ec_der(&der),
    };
    let signature = crypto::sign(signed.as_bytes(), &key, algorithm(name, header)).unwrap();
    format!("{signed}.{signature}")
}

/// Signs claims with a text as the secret of HS256.
pub(super) fn sign_with_secret(secret: &[u8], header: &Value, claims: &Value) -> String {
    let signed = unsigned(header, &claims.to_string());
    let signature =
        crypto::sign(signed.as_bytes(), &EncodingKey::from_secret(secret), Algorithm::HS256).unwrap();
    format!("{signed}.{signature}")
}

/// Returns the two parts of a token that are signed.
pub(super) fn unsigned(header: &Value, claims: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims))
}

/// Returns the algorithm of the header; if the library does not know it, that of the key.
fn algorithm(name: &str, header: &Value) -> Algorithm {
    header["alg"].as_str().and_then(|alg| alg.parse().ok()).unwrap_or(match name {
        "rsa" | "rsa-new" => Algorithm::RS256,
        "p384" => Algorithm::ES384,
        "ed25519" => Algorithm::EdDSA,
        _ => Algorithm::ES256,
    })
}
