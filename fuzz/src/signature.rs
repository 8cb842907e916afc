//! Signatures that only the product's secrets give.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Returns the HMAC-SHA256 of a message.
///
/// # Panics
///
/// Never: HMAC takes a secret of any length.
#[must_use]
pub fn hmac(secret: &str, message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a secret of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Returns a signed token with this header and these claims, whatever they are.
#[must_use]
pub fn token(secret: &str, header: &[u8], claims: &[u8]) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(hmac(secret, signed.as_bytes()));
    format!("{signed}.{signature}")
}
