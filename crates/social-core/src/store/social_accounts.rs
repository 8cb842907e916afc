//! Connected accounts.

use serde::{Deserialize, Serialize};
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::config::Rate;
use crate::model::{
    Account, AccountId, AccountMetadata, AccountStatus, Ended, Grant, Origin, OwnerId, PlatformId,
};
use crate::platform::{DISCONNECTED, RemoteAccount};
use crate::store::call::{Call, columns, seconds};
use crate::store::grants::seal_grant;
use crate::store::holds::Parking;
use crate::store::{Store, StoreError};

/// What a grant opens, to be kept.
#[derive(Debug, Clone, Copy)]
pub struct Connecting<'a> {
    /// Whose it is.
    pub owner: &'a OwnerId,
    /// Which platform gave it.
    pub platform: &'a PlatformId,
    /// The app it was given to.
    pub client_id: &'a str,
    /// The grant.
    pub grant: &'a Grant,
    /// The hash of the state that was consumed for it.
    pub state_hash: &'a [u8],
    /// The query of the redirect that ends the callback, if the accounts are kept.
    pub redirect_query: &'a str,
    /// Where the connection came from.
    pub origin: &'a Origin,
}

/// What became of a grant's accounts.
#[derive(Debug)]
pub enum Connected {
    /// They are kept: these are all of them.
    Kept(Vec<Account>),
    /// Nothing is kept, because an account is not as the caller saw it. These are the owner's on the platform now.
    Changed(Vec<Account>),
}

/// An account, as `account_json` shows it.
#[derive(Debug, Deserialize)]
pub(super) struct AccountRow {
    id: Uuid,
    owner_id: String,
    platform: String,
    account_id: String,
    username: Option<String>,
    status: String,
    token_version: i64,
    scopes: Vec<String>,
    account_metadata: AccountMetadata,
    #[serde(with = "chrono::serde::ts_microseconds")]
    connected_at: Timestamp,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    expires_at: Option<Timestamp>,
    ended_message: Option<String>,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    ended_at: Option<Timestamp>,
    open_results: Option<i64>,
}

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: AccountId(row.id),
            owner: OwnerId::new(&row.owner_id).ok_or(StoreError::Inconsistent("social_accounts.owner_id"))?,
            platform: PlatformId::named(row.platform),
            remote_id: row.account_id,
            username: row.username,
            status: AccountStatus::named(&row.status)
                .ok_or(StoreError::Inconsistent("social_accounts.status"))?,
            version: row.token_version,
            scopes: row.scopes,
            metadata: row.account_metadata,
            connected_at: row.connected_at,
            expires_at: row.expires_at,
            ended: row.ended_message.zip(row.ended_at).map(|(message, at)| Ended { message, at }),
            open_results: row.open_results,
        })
    }
}

/// Reads rows.
pub(super) fn accounts(rows: impl IntoIterator<Item = AccountRow>) -> Result<Vec<Account>, StoreError> {
    rows.into_iter().map(Account::try_from).collect()
}

/// An account to be kept, as `connect_accounts` takes it.
#[derive(Debug, Serialize)]
struct NewAccount<'a> {
    id: Uuid,
    remote_id: &'a str,
    seen: Option<&'static str>,
    seen_version: Option<i64>,
    access_token: String,
    refresh_token: Option<String>,
    expires_in: Option<f64>,
    refresh_expires_in: Option<f64>,
    scopes: &'a [String],
    username: Option<&'a str>,
    metadata: &'a AccountMetadata,
    granted_by: Option<&'a str>,
}

columns! {
    struct ConnectedRow {
        is_connected: bool,
        account: Json<AccountRow>,
    }
}

impl Store {
    /// Keeps the grant of the accounts it opens, all or none: each a new row, or the row of the same account renewed.
    /// Results that waited for them go on. `known` are the owner's accounts on the platform, as the caller saw them: a
    /// row's id is part of what its tokens are sealed for. Repeatable: a state that has landed was kept before.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn connect_accounts(
        &self,
        connecting: Connecting<'_>,
        known: &[Account],
        remotes: &[RemoteAccount],
    ) -> Result<Connected, StoreError> {
        let Connecting { owner, platform, client_id, grant, state_hash, redirect_query, origin } = connecting;
        // A token of its own has neither an end nor a refresh token.
        let own = |remote: &RemoteAccount| {
            remote.token.as_ref().map(|token| grant.clone().traded_for(Grant::new(token.clone())))
        };
        let owns: Vec<Option<Grant>> = remotes.iter().map(own).collect();
        let kept = remotes.iter().zip(&owns).map(|(remote, own)| {
            let grant = own.as_ref().unwrap_or(grant);
            let seen = known.iter().find(|account| account.remote_id == remote.id);
            let id = seen.map_or_else(|| self.id(), |account| account.id.0);
            let seen_version = seen.map(|account| account.version);
            let version = seen_version.unwrap_or_default() + 1;
            let (access_token, refresh_token) = seal_grant(&self.vault, owner, id, version, grant);
            NewAccount {
                id,
                remote_id: &remote.id,
                seen: seen.map(|account| account.status.name()),
                seen_version,
                access_token,
                refresh_token,
                expires_in: grant.expires_in.map(seconds),
                refresh_expires_in: grant.refresh_expires_in.map(seconds),
                scopes: &grant.scopes,
                username: remote.username.as_deref(),
                metadata: &remote.metadata,
                granted_by: grant.granted_by.as_deref(),
            }
        });
        let call = Call::repeatable("connect_accounts")
            .patient()
            .with("owner", owner.as_str())
            .with("on_platform", platform.as_str())
            .with("client", client_id)
            .with("accounts", Json(kept.collect::<Vec<_>>()))
            .with("hash", state_hash)
            .with("landing", redirect_query)
            .with("origin", Json(origin));
        let rows: Vec<ConnectedRow> = self.rows(call).await?;
        // Only an owner who has no account at all is shown none.
        let is_kept = rows.first().is_some_and(|row| row.is_connected);
        let found = accounts(rows.into_iter().map(|row| row.account.0))?;
        Ok(if is_kept { Connected::Kept(found) } else { Connected::Changed(found) })
    }

    /// Notes what the platform tells of an account. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn describe_account(
        &self,
        owner: &OwnerId,
        account: AccountId,
        remote: &RemoteAccount,
    ) -> Result<(), StoreError> {
        let call = Call::repeatable("describe_account")
            .with("owner", owner.as_str())
            .with("account", account.0)
            .with("name", remote.username.as_deref())
            .with("metadata", Json(&remote.metadata));
        self.run(call).await
    }

    /// An owner's accounts in the order they were first connected, after `after`. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn accounts(
        &self,
        owner: &OwnerId,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Account>, StoreError> {
        let call = Call::repeatable("list_accounts")
            .with("owner", owner.as_str())
            .with("after", after)
            .with("most", limit);
        let rows: Vec<Json<AccountRow>> = self.rows(call).await?;
        accounts(rows.into_iter().map(|row| row.0))
    }

    /// Those of an owner's accounts that are asked for, at most so often. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn accounts_of(
        &self,
        owner: &OwnerId,
        wanted: &[Uuid],
        rate: Rate,
    ) -> Result<Vec<Account>, StoreError> {
        let call = Call::repeatable("find_accounts")
            .with("owner", owner.as_str())
            .with("wanted", wanted)
            .with("per_minute", rate.per_minute());
        let rows: Vec<Json<AccountRow>> = self.rows(call).await?;
        accounts(rows.into_iter().map(|row| row.0))
    }

    /// Erases an account's tokens and parks its results; `false` if the owner has no such account. Repeatable: what is
    /// erased already is erased again.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn disconnect_account(
        &self,
        owner: &OwnerId,
        account: AccountId,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let parking = Parking::because(DISCONNECTED);
        let call = Call::repeatable("disconnect_account")
            .with("owner", owner.as_str())
            .with("account", account.0)
            .with("code", parking.code)
            .with("message", parking.message)
            .with("origin", Json(origin));
        self.value(call).await
    }
}
