//! Encrypts all stored values again with the newest key, while the product runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use social_core::clock::SystemClock;
use social_core::entropy::SystemEntropy;
use social_core::secret::DatabaseUrl;
use social_core::store::{Resealed, SealedValues, Store, StoreError};
use social_core::vault::{KeyRing, Vault};

use crate::error::ServerError;
use crate::logs::{self, Reader};
use crate::vars::Vars;

/// Five: after that, another process keeps writing values with an older key.
const MOST_PASSES: usize = 5;

/// Runs `social-server rotate-keys`. It can be stopped at any time, and run again.
pub(crate) fn run() -> Result<(), ServerError> {
    let vars = Vars::of_environment();
    logs::start(&vars, Reader::Person);
    let url = vars.find("DATABASE_URL").ok_or(ServerError::NoDatabase)?;
    let keys = vars.find("TOKEN_ENCRYPTION_KEYS").unwrap_or_default();
    let keys = Arc::new(KeyRing::parse(&keys).map_err(ServerError::Keys)?);
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let vault = Vault::new(keys, entropy.clone());
    let newest = vault.newest_key().to_owned();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServerError::Runtime)?;
    let remaining = runtime.block_on(async {
        let store = Store::connect_lazy(&DatabaseUrl::new(url), 1, vault, clock, entropy)?;
        let mut remaining = 0;
        for values in SealedValues::ALL {
            remaining += rotate(&store, values, &newest).await?;
        }
        store.close();
        Ok::<_, StoreError>(remaining)
    })?;
    if remaining > 0 {
        return Err(ServerError::KeysInUse(remaining));
    }
    println!("Everything is encrypted with key {newest}. You can remove the other keys.");
    Ok(())
}

/// Encrypts the values of one kind again, and prints what it did. Returns how many rows are still stored under
/// another key.
async fn rotate(store: &Store, values: SealedValues, newest: &str) -> Result<usize, StoreError> {
    let mut written = 0;
    let mut last = Resealed::default();
    for _ in 0..MOST_PASSES {
        last = pass(store, values).await?;
        written += last.written;
        if last.written == 0 && last.changed == 0 {
            break;
        }
    }
    println!("{}: {written} encrypted again.", values.name());
    let others: BTreeMap<_, _> = last.under.iter().filter(|(key, _)| *key != newest).collect();
    for (key, count) in &others {
        let broken = last.unreadable.get(*key).copied().unwrap_or_default();
        println!("{}: {count} remain under key {key}, of which {broken} cannot be decrypted.", values.name());
    }
    let broken = last.unreadable.get(newest).copied().unwrap_or_default();
    if broken > 0 {
        println!("{}: {broken} under key {newest} cannot be decrypted.", values.name());
    }
    Ok(others.into_values().sum())
}

/// Goes through all rows once.
async fn pass(store: &Store, values: SealedValues) -> Result<Resealed, StoreError> {
    let mut whole = Resealed::default();
    loop {
        let page = store.reseal_page(values, whole.last).await?;
        if page.last.is_none() {
            return Ok(whole);
        }
        whole.add(page);
    }
}
