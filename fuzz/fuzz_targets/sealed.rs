//! Any text as an encrypted value and as a key ring: nothing opens that was not sealed, or that was changed since.
#![no_main]

use std::sync::{Arc, LazyLock};

use social_core::entropy::Entropy;
use social_core::vault::{KeyRing, Place, Vault};
use social_fuzz::product::KEYS;
use uuid::Uuid;

/// The same bytes each time, so that an input does the same each time.
#[derive(Debug)]
struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

static VAULT: LazyLock<Vault> =
    LazyLock::new(|| Vault::new(Arc::new(KeyRing::parse(KEYS).expect("keys")), Arc::new(Fixed)));

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&[manner, ref changes @ ..], rest)) = input.split_first_chunk::<5>() else { return };
    let Ok(text) = str::from_utf8(rest) else { return };
    let version = (manner % 2 == 1).then(|| i64::from(manner));
    let place =
        Place { column: "social_accounts.access_token", owner: "alice", row: Uuid::from_u128(7), version };
    // Nothing is sealed for this row. For the other one, the fuzzer learns sealed values from the comparison below.
    let untouched = Place { row: Uuid::from_u128(9), ..place };
    assert!(VAULT.open(untouched, text).is_err(), "nobody sealed it");
    assert!(VAULT.reseal(untouched, text).is_err(), "nobody sealed it");
    let sealed = VAULT.seal(place, text);
    assert_eq!(VAULT.open(place, &sealed).as_deref(), Ok(text));
    assert!(VAULT.open(Place { owner: "bob", ..place }, &sealed).is_err(), "it is another owner's");
    if let Some(version) = version {
        let older = Place { version: Some(version - 1), ..place };
        assert!(VAULT.open(older, &sealed).is_err(), "it is of another version");
    }
    let mut changed = sealed.clone().into_bytes();
    for change in changes.chunks_exact(2) {
        let at = usize::from(change[0]) % changed.len();
        changed[at] = change[1] % 128;
    }
    let changed = String::from_utf8(changed).expect("ASCII");
    assert_eq!(VAULT.open(place, &changed).is_ok(), changed == sealed, "{changed}");
    if let Err(problem) = KeyRing::parse(text) {
        assert!(problem.len() < 100 && problem.is_ascii(), "{problem}");
    }
});
