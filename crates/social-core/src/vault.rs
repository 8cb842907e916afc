//! Encrypts tokens, verifiers and checkpoints at rest, with AES-256-GCM.
//!
//! An encrypted value is `<format>.<key id>.<base64url(nonce ‖ ciphertext ‖ tag)>`. The associated data names
//! its place (table, column, owner, row), so it cannot be decrypted anywhere else. In the format `v2` it also
//! names the version of the row's tokens, so an old value that is put back cannot be decrypted either. Values of
//! `v1`, which names none, can still be decrypted. The first key of the key ring encrypts, and every key
//! decrypts, so keys rotate without an interruption.

use std::collections::HashSet;
use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::entropy::{Entropy, bytes};

/// The format of a value whose place has no version.
const PLAIN: &str = "v1";
/// The format of a value that is bound to a version.
const VERSIONED: &str = "v2";
const NONCE: usize = 12;

/// The keys of `TOKEN_ENCRYPTION_KEYS`, newest first.
pub struct KeyRing(Vec<(String, Aes256Gcm)>);

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.ids()).finish()
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

    /// Returns the ids of the keys, newest first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(id, _)| id.as_str())
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
    /// The version of the value, for a column that counts its versions.
    pub version: Option<i64>,
}

impl Place<'_> {
    /// Returns the format of a new value.
    fn format(&self) -> &'static str {
        if self.version.is_some() { VERSIONED } else { PLAIN }
    }

    /// Returns the associated data of a value in a format; `None` if no value here has that format. Each part has
    /// its length before it, so no two places produce the same bytes.
    fn associated_data(&self, format: &str) -> Option<Vec<u8>> {
        let row = self.row.into_bytes();
        let version = match (format, self.version) {
            (PLAIN, _) => None,
            (VERSIONED, Some(version)) => Some(version.to_be_bytes()),
            _ => return None,
        };
        let mut data = Vec::new();
        let parts = [format.as_bytes(), self.column.as_bytes(), self.owner.as_bytes(), row.as_slice()];
        for part in parts.into_iter().chain(version.as_ref().map(<[u8; 8]>::as_slice)) {
            data.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            data.extend_from_slice(part);
        }
        Some(data)
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
        let format = place.format();
        let aad = place.associated_data(format).unwrap_or_default();
        let payload = Payload { msg: plain.as_bytes(), aad: &aad };
        let sealed = cipher.encrypt(&Nonce::from(nonce), payload).expect("the value is far under 64 GiB");
        format!("{format}.{id}.{}", URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Decrypts a value that was encrypted for this place.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<String, SealBroken> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(format @ (PLAIN | VERSIONED)), Some(id), Some(body)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Err(SealBroken::Malformed);
        };
        let aad = place.associated_data(format).ok_or(SealBroken::Refused)?;
        let (_, cipher) = self
            .keys
            .0
            .iter()
            .find(|(known, _)| known == id)
            .ok_or_else(|| SealBroken::UnknownKey(id.to_owned()))?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| SealBroken::Malformed)?;
        let (nonce, sealed) = body.split_first_chunk::<NONCE>().ok_or(SealBroken::Malformed)?;
        let payload = Payload { msg: sealed, aad: &aad };
        let plain = cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| SealBroken::Refused)?;
        String::from_utf8(plain).map_err(|_| SealBroken::Malformed)
    }

    /// Encrypts a value again for the same place. `None`: it has the newest key and the newest format already.
    pub fn reseal(&self, place: Place<'_>, sealed: &str) -> Result<Option<String>, SealBroken> {
        let is_current = sealed.starts_with(&format!("{}.{}.", place.format(), self.newest_key()));
        let plain = self.open(place, sealed)?;
        Ok((!is_current).then(|| self.seal(place, &plain)))
    }

    /// Returns the id of the key that encrypts.
    #[must_use]
    pub fn newest_key(&self) -> &str {
        self.keys.0.first().map_or("", |(id, _)| id)
    }
}

/// Returns the id of the key that a value names; `None` if it is not an encrypted value.
#[must_use]
pub fn key_of(sealed: &str) -> Option<&str> {
    sealed.split('.').nth(1)
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
    const PLACE: Place<'static> =
        Place { column: "social_accounts.access_token", owner: "alice", row: ROW, version: None };

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
    fn a_value_of_another_version_is_refused_and_one_of_the_first_format_is_not() {
        let vault = vault(&format!("k1:{}", key(1)));
        let (third, fourth) = (Place { version: Some(3), ..PLACE }, Place { version: Some(4), ..PLACE });
        let sealed = vault.seal(third, "act.old");
        assert!(sealed.starts_with("v2.k1."), "{sealed}");
        assert_eq!(vault.open(third, &sealed).unwrap(), "act.old");
        assert_eq!(vault.open(fourth, &sealed), Err(SealBroken::Refused));
        assert_eq!(vault.open(PLACE, &sealed), Err(SealBroken::Refused));
        assert_eq!(vault.open(third, &sealed.replacen("v2", "v1", 1)), Err(SealBroken::Refused));
        let first = vault.seal(PLACE, "act.first");
        assert_eq!(vault.open(fourth, &first).unwrap(), "act.first");
        assert_eq!(vault.open(fourth, &first.replacen("v1", "v2", 1)), Err(SealBroken::Refused));
        let again = vault.reseal(fourth, &first).unwrap().unwrap();
        assert_eq!(
            (vault.open(fourth, &again).unwrap(), vault.reseal(fourth, &again)),
            ("act.first".into(), Ok(None))
        );
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
