//! Encrypts stored values again, with the newest key and in the newest format.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::model::OwnerId;
use crate::store::call::{Call, columns};
use crate::store::grants::{access_place, refresh_place};
use crate::store::lease::checkpoint_place;
use crate::store::oauth_states::verifier_place;
use crate::store::{Store, StoreError};
use crate::vault::{SealBroken, key_of};

/// 200: one call is short, and holds few rows.
const PAGE: i32 = 200;

/// The columns with encrypted values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedValues {
    /// The access and refresh tokens of accounts.
    Tokens,
    /// The checkpoints of results.
    Checkpoints,
    /// The code verifiers of authorization requests.
    Verifiers,
}

impl SealedValues {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tokens, Self::Checkpoints, Self::Verifiers];

    /// Returns the name of their rows in the database's functions.
    pub(crate) fn rows(self) -> &'static str {
        match self {
            Self::Tokens => "accounts",
            Self::Checkpoints => "results",
            Self::Verifiers => "states",
        }
    }

    /// Returns what an operator calls them.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tokens => "accounts' tokens",
            Self::Checkpoints => "checkpoints",
            Self::Verifiers => "code verifiers",
        }
    }
}

/// What became of a page of values.
#[derive(Debug, Default)]
pub struct Resealed {
    /// The last row of the page; `None`: there are no more rows.
    pub last: Option<Uuid>,
    /// How many rows were encrypted again.
    pub written: usize,
    /// How many rows were replaced by another process meanwhile.
    pub changed: usize,
    /// How many rows are stored under each key now.
    pub under: BTreeMap<String, usize>,
    /// How many rows under each key cannot be decrypted.
    pub unreadable: BTreeMap<String, usize>,
}

impl Resealed {
    /// Adds the page that follows.
    pub fn add(&mut self, next: Self) {
        self.last = next.last;
        self.written += next.written;
        self.changed += next.changed;
        for (mine, more) in [(&mut self.under, next.under), (&mut self.unreadable, next.unreadable)] {
            for (key, rows) in more {
                *mine.entry(key).or_default() += rows;
            }
        }
    }
}

columns! {
    struct StaleGrant {
        id: Uuid,
        owner_id: String,
        access_token: String,
        refresh_token: Option<String>,
        token_version: i64,
        refresh_version: Option<i64>,
    }
}

columns! {
    struct SealRow {
        id: Uuid,
        owner_id: String,
        sealed: Option<String>,
        refresh_token: Option<String>,
        token_version: Option<i64>,
        refresh_version: Option<i64>,
        was_unreadable: bool,
    }
}

columns! {
    struct SealCount {
        key: String,
        found: i64,
    }
}

/// Newly encrypted values, column by column, with those they replace.
#[derive(Default)]
struct Renewed {
    ids: Vec<Uuid>,
    olds: Vec<String>,
    news: Vec<String>,
    refreshes: Vec<Option<String>>,
}

impl Renewed {
    fn push(&mut self, id: Uuid, old: String, new: String, refresh: Option<String>) {
        self.ids.push(id);
        self.olds.push(old);
        self.news.push(new);
        self.refreshes.push(refresh);
    }
}

impl Store {
    /// Encrypts up to a hundred accounts' tokens again that have an older key or format. Returns how many it wrote. An account
    /// that was ended because its tokens could not be decrypted is active again. Repeatable.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub async fn reseal(&self) -> Result<usize, StoreError> {
        let call = Call::repeatable("list_stale_seals").with("key", self.vault.newest_key());
        let stale: Vec<StaleGrant> = self.rows(call).await?;
        let mut renewed = Renewed::default();
        for grant in stale {
            match self.renew(&grant) {
                Ok((access, refresh)) => renewed.push(
                    grant.id,
                    grant.access_token.clone(),
                    access.unwrap_or(grant.access_token),
                    refresh.or(grant.refresh_token),
                ),
                Err(broken) => {
                    tracing::error!(account.id = %grant.id, error.code = "secret_unreadable", "the tokens of account {} cannot be decrypted: {broken}", grant.id);
                }
            }
        }
        self.write(SealedValues::Tokens, &renewed).await
    }

    /// Encrypts the values of the rows after `after` again, if they have an older key or format. Repeatable.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub async fn reseal_page(
        &self,
        values: SealedValues,
        after: Option<Uuid>,
    ) -> Result<Resealed, StoreError> {
        let call = Call::repeatable("list_seals")
            .with("kind", values.rows())
            .with("after", after.unwrap_or_default())
            .with("most", PAGE);
        let rows: Vec<SealRow> = self.rows(call).await?;
        let mut page = Resealed { last: rows.last().map(|row| row.id), ..Resealed::default() };
        let mut renewed = Renewed::default();
        for row in rows {
            let SealRow { id, owner_id, sealed: Some(old), refresh_token, was_unreadable, .. } = row else {
                continue;
            };
            let key = key_of(&old).unwrap_or("no key").to_owned();
            let opened = if values == SealedValues::Tokens {
                let token_version = row.token_version.unwrap_or_default();
                let grant = StaleGrant {
                    id,
                    owner_id,
                    access_token: old.clone(),
                    refresh_token: refresh_token.clone(),
                    token_version,
                    refresh_version: row.refresh_version,
                };
                self.renew(&grant)
            } else {
                self.renew_value(values, &owner_id, id, &old).map(|new| (new, None))
            };
            match opened {
                Ok((None, None)) if !was_unreadable => count(&mut page.under, key),
                Ok((new, refresh)) => {
                    let new = new.unwrap_or_else(|| old.clone());
                    renewed.push(id, old, new, refresh.or(refresh_token));
                }
                Err(_) => {
                    count(&mut page.unreadable, key.clone());
                    count(&mut page.under, key);
                }
            }
        }
        page.written = self.write(values, &renewed).await?;
        page.changed = renewed.ids.len().saturating_sub(page.written);
        if page.written > 0 {
            *page.under.entry(self.vault.newest_key().to_owned()).or_default() += page.written;
        }
        Ok(page)
    }

    /// Returns how many rows have values under each key. It only reads.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub async fn count_seals(&self, values: SealedValues) -> Result<BTreeMap<String, i64>, StoreError> {
        let call = Call::repeatable("count_seals").with("kind", values.rows());
        let counts: Vec<SealCount> = self.rows(call).await?;
        Ok(counts.into_iter().map(|count| (count.key, count.found)).collect())
    }

    /// Returns an account's tokens, newly encrypted as far as needed.
    fn renew(&self, grant: &StaleGrant) -> Result<(Option<String>, Option<String>), SealBroken> {
        let access = access_place(&grant.owner_id, grant.id, grant.token_version);
        let access = self.vault.reseal(access, &grant.access_token)?;
        let version = grant.refresh_version.unwrap_or(grant.token_version);
        let refresh = refresh_place(&grant.owner_id, grant.id, version);
        let refresh = grant.refresh_token.as_deref().map(|sealed| self.vault.reseal(refresh, sealed));
        Ok((access, refresh.transpose()?.flatten()))
    }

    /// Returns another value, newly encrypted if needed.
    fn renew_value(
        &self,
        values: SealedValues,
        owner: &str,
        row: Uuid,
        sealed: &str,
    ) -> Result<Option<String>, SealBroken> {
        // No such row exists: a check of the table refuses it.
        let owner = OwnerId::new(owner).ok_or(SealBroken::Refused)?;
        let place = match values {
            SealedValues::Verifiers => verifier_place(&owner, row),
            SealedValues::Checkpoints | SealedValues::Tokens => checkpoint_place(&owner, row),
        };
        self.vault.reseal(place, sealed)
    }

    /// Writes newly encrypted values. Returns how many rows still had the old ones.
    async fn write(&self, values: SealedValues, renewed: &Renewed) -> Result<usize, StoreError> {
        if renewed.ids.is_empty() {
            return Ok(0);
        }
        let each = |values: &[String]| values.to_vec();
        let call = match values {
            SealedValues::Tokens => Call::repeatable("reseal_grants")
                .with("accounts", renewed.ids.as_slice())
                .with("olds", each(&renewed.olds))
                .with("accesses", each(&renewed.news))
                .with("refreshes", renewed.refreshes.clone()),
            SealedValues::Checkpoints | SealedValues::Verifiers => Call::repeatable("reseal_values")
                .with("kind", values.rows())
                .with("ids", renewed.ids.as_slice())
                .with("olds", each(&renewed.olds))
                .with("news", each(&renewed.news)),
        };
        let written: Vec<Uuid> = self.rows(call).await?;
        Ok(written.len())
    }
}

fn count(counts: &mut BTreeMap<String, usize>, key: String) {
    *counts.entry(key).or_default() += 1;
}
