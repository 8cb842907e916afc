//! Encrypts tokens, verifiers and checkpoints at rest, with AES-256-GCM.
//!
//! An encrypted value is `v1.<key id>.<base64url(nonce ‖ ciphertext ‖ tag)>`. The associated data names its
//! place (table, column, owner, row), so it cannot be decrypted anywhere else. The first key of the key ring
//! encrypts, and every key decrypts, so keys rotate without an interruption.

use std::collections::HashSet;
use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::entropy::{Entropy, bytes};

const VERSION: &str = "v1";
const NONCE: usize = 12;

/// The keys of `TOKEN_ENCRYPTION_KEYS`, newest first.
pub struct KeyRing(Vec<(String, Aes256Gcm)>);

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(id, _)| id)).finish()
    }
}

impl KeyRing {
    /// Reads `id:base64,id:base64,…`: each id of 1 to 16 letters and digits, each key 32 bytes, none
    /// repeated, none all zero.
    ///
    /// # Errors
    /// Returns what is wrong, without any part of a key.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut keys = Vec::new();
        let mut seen_ids = HashSet::new();
        let mut seen_keys = HashSet::new();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (id, key) = entry.split_once(':').ok_or("each key must have the form id:base64")?;
            if id.is_empty() || id.len() > 16 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err("a key id must be 1 to 16 letters and digits");
            }
            let key = STANDARD.decode(key).map_err(|_| "a key isn't valid base64")?;
            let cipher = Aes256Gcm::new_from_slice(&key).map_err(|_| "a key must be exactly 32 bytes")?;
            if key.iter().all(|byte| *byte == 0) {
                return Err("a key is all zeros");
            }
            if !seen_ids.insert(id.to_owned()) || !seen_keys.insert(key) {
                return Err("a key or a key id is listed twice");
            }
            keys.push((id.to_owned(), cipher));
        }
        if keys.is_empty() { Err("no key is set") } else { Ok(Self(keys)) }
    }
}

/// The place of an encrypted value: the associated data of its ciphertext.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Table and column, as `social_accounts.access_token`.
    pub column: &'static str,
    /// The owner of the row.
    pub owner: &'a str,
    /// The row.
    pub row: Uuid,
}

impl Place<'_> {
    /// Each part has its length before it, so no two places produce the same bytes.
    fn associated_data(&self) -> Vec<u8> {
        let row = self.row.into_bytes();
        let mut data = Vec::new();
        for part in [VERSION.as_bytes(), self.column.as_bytes(), self.owner.as_bytes(), row.as_slice()] {
            data.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

/// Explains why a value cannot be decrypted: another place, an unknown key, or damage.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SealBroken {
    /// The text is not an encrypted value.
    #[error("not an encrypted value")]
    Malformed,
    /// It was encrypted with a key that is not in `TOKEN_ENCRYPTION_KEYS`.
    #[error("encrypted with key {0}, which is not in TOKEN_ENCRYPTION_KEYS")]
    UnknownKey(String),
    /// It was changed, or belongs to another place.
    #[error("encrypted for another place, or damaged")]
    Refused,
}

/// Encrypts and decrypts values.
#[derive(Debug, Clone)]
pub struct Vault {
    keys: Arc<KeyRing>,
    entropy: Arc<dyn Entropy>,
}

impl Vault {
    /// Returns a vault over a key ring.
    #[must_use]
    pub fn new(keys: Arc<KeyRing>, entropy: Arc<dyn Entropy>) -> Self {
        Self { keys, entropy }
    }

    /// Encrypts a value for a place, with the newest key and a new nonce.
    ///
    /// # Panics
    /// Never: a key ring has a key, and AES-GCM takes any length we store.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a ring is never empty and AES-GCM takes any length we hold")]
    pub fn seal(&self, place: Place<'_>, plain: &str) -> String {
        let (id, cipher) = self.keys.0.first().expect("KeyRing::parse refuses an empty ring");
        let nonce: [u8; NONCE] = bytes(&*self.entropy);
        let payload = Payload { msg: plain.as_bytes(), aad: &place.associated_data() };
        let sealed = cipher.encrypt(&Nonce::from(nonce), payload).expect("the value is far under 64 GiB");
        format!("{VERSION}.{id}.{}", URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Decrypts a value that was encrypted for this place.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<String, SealBroken> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(VERSION), Some(id), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(SealBroken::Malformed);
        };
        let (_, cipher) = self
            .keys
            .0
            .iter()
            .find(|(known, _)| known == id)
            .ok_or_else(|| SealBroken::UnknownKey(id.to_owned()))?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| SealBroken::Malformed)?;
        let (nonce, sealed) = body.split_first_chunk::<NONCE>().ok_or(SealBroken::Malformed)?;
        let payload = Payload { msg: sealed, aad: &place.associated_data() };
        let plain = cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| SealBroken::Refused)?;
        String::from_utf8(plain).map_err(|_| SealBroken::Malformed)
    }

    /// Returns the id of the key that encrypts.
    #[must_use]
    pub fn newest_key(&self) -> &str {
        self.keys.0.first().map_or("", |(id, _)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    fn vault(keys: &str) -> Vault {
        Vault::new(Arc::new(KeyRing::parse(keys).unwrap()), Arc::new(SystemEntropy))
    }

    fn key(fill: u8) -> String {
        STANDARD.encode([fill; 32])
    }

    const ROW: Uuid = Uuid::from_u128(7);
    const PLACE: Place<'static> = Place { column: "social_accounts.access_token", owner: "alice", row: ROW };

    #[test]
    fn a_value_opens_only_in_its_own_place() {
        let vault = vault(&format!("k1:{}", key(1)));
        let sealed = vault.seal(PLACE, "act.canary");
        assert!(!sealed.contains("canary"));
        assert_eq!(vault.open(PLACE, &sealed).unwrap(), "act.canary");
        for elsewhere in [
            Place { row: Uuid::from_u128(8), ..PLACE },
            Place { owner: "bob", ..PLACE },
            Place { column: "social_accounts.refresh_token", ..PLACE },
        ] {
            assert_eq!(vault.open(elsewhere, &sealed), Err(SealBroken::Refused));
        }
    }

    #[test]
    fn the_newest_key_encrypts_and_every_key_decrypts() {
        let old = vault(&format!("k1:{}", key(1)));
        let both = vault(&format!("k2:{},k1:{}", key(2), key(1)));
        let sealed = old.seal(PLACE, "x");
        assert_eq!(both.open(PLACE, &sealed).unwrap(), "x");
        assert_eq!((both.newest_key(), both.seal(PLACE, "x").starts_with("v1.k2.")), ("k2", true));
        assert_eq!(old.open(PLACE, &both.seal(PLACE, "x")), Err(SealBroken::UnknownKey("k2".into())));
    }

    #[test]
    fn a_nonce_is_never_used_twice() {
        let vault = vault(&format!("k1:{}", key(1)));
        assert_ne!(vault.seal(PLACE, "same"), vault.seal(PLACE, "same"));
    }

    #[test]
    fn bad_rings_are_refused() {
        let good = key(1);
        for bad in [
            String::new(),
            "nokey".into(),
            format!("k-1:{good}"),
            "k1:AAAA".into(),
            format!("k1:{}", key(0)),
            format!("k1:{good},k2:{good}"),
            format!("k1:{good},k1:{}", key(2)),
        ] {
            assert!(KeyRing::parse(&bad).is_err(), "{bad}");
        }
    }
}
