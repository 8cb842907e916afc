//! Prints a new encryption key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use social_core::entropy::{SystemEntropy, bytes};
use social_core::vault::KeyRing;

use crate::error::ServerError;
use crate::vars::Vars;

/// Runs `social-server generate-key`. The key goes to stdout alone, so that a script can read it.
pub(crate) fn run() -> Result<(), ServerError> {
    let before = Vars::of_environment().find("TOKEN_ENCRYPTION_KEYS");
    let ring = before.map(|keys| KeyRing::parse(&keys)).transpose().map_err(ServerError::Keys)?;
    println!("{}:{}", next_id(ring.as_ref()), STANDARD.encode(bytes::<32>(&SystemEntropy)));
    eprintln!(
        "{}",
        match ring {
            None =>
                "Set TOKEN_ENCRYPTION_KEYS to this line, and keep a copy where no backup of the database is.",
            Some(_) =>
                "Add this key at the end of TOKEN_ENCRYPTION_KEYS, after a comma, and follow docs/rotate-secrets.md.",
        }
    );
    Ok(())
}

/// Returns an id that no key has yet: `k` and a number.
fn next_id(ring: Option<&KeyRing>) -> String {
    let numbers = ring.into_iter().flat_map(KeyRing::ids).filter_map(|id| id.strip_prefix('k')?.parse().ok());
    let highest: u32 = numbers.max().unwrap_or_default();
    format!("k{}", highest.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_has_an_id_that_no_other_key_has() {
        let key = |byte| STANDARD.encode([byte; 32]);
        let ring = |text: String| KeyRing::parse(&text).unwrap();
        assert_eq!(next_id(None), "k1");
        assert_eq!(next_id(Some(&ring(format!("k7:{},k2:{}", key(1), key(2))))), "k8");
        assert_eq!(next_id(Some(&ring(format!("prod:{}", key(1))))), "k1");
    }
}
