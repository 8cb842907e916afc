//! Connected accounts.

use sqlx::types::Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{Account, AccountId, AccountMetadata, AccountStatus, Grant, OwnerId, PlatformId};
use crate::platform::{DISCONNECTED, RemoteAccount};
use crate::store::grants::seal_grant;
use crate::store::holds::{Parking, park, release};
use crate::store::{Store, StoreError, Tx, seconds};

/// An account's row.
struct Row {
    id: Uuid,
    owner_id: String,
    platform: String,
    account_id: String,
    username: Option<String>,
    status: String,
    scopes: Vec<String>,
    account_metadata: Json<AccountMetadata>,
    connected_at: Timestamp,
}

impl TryFrom<Row> for Account {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: AccountId(row.id),
            owner: OwnerId::new(&row.owner_id).ok_or(StoreError::Inconsistent("social_accounts.owner_id"))?,
            platform: PlatformId::named(row.platform),
            remote_id: row.account_id,
            username: row.username,
            status: AccountStatus::named(&row.status)
                .ok_or(StoreError::Inconsistent("social_accounts.status"))?,
            scopes: row.scopes,
            metadata: row.account_metadata.0,
            connected_at: row.connected_at,
        })
    }
}

impl Store {
    /// Keeps the grant of the accounts it opens, all or none: each a new row, or the row of the same account renewed.
    /// Results that waited for them go on.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn connect_accounts(
        &self,
        owner: &OwnerId,
        platform: &PlatformId,
        client_id: &str,
        remotes: &[RemoteAccount],
        grant: &Grant,
    ) -> Result<Vec<Account>, StoreError> {
        // In one order, so that two connections at once do not wait for each other.
        let mut remotes: Vec<&RemoteAccount> = remotes.iter().collect();
        remotes.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        let mut tx = self.begin_as(owner).await?;
        let mut accounts = Vec::new();
        for remote in remotes {
            // A token of its own has neither an end nor a refresh token.
            let own = remote.token.as_ref().map(|token| grant.clone().traded_for(Grant::new(token.clone())));
            let grant = own.as_ref().unwrap_or(grant);
            accounts.push(self.connect_account(&mut tx, owner, platform, client_id, remote, grant).await?);
        }
        tx.commit().await?;
        Ok(accounts)
    }

    async fn connect_account(
        &self,
        tx: &mut Tx,
        owner: &OwnerId,
        platform: &PlatformId,
        client_id: &str,
        remote: &RemoteAccount,
        grant: &Grant,
    ) -> Result<Account, StoreError> {
        // The row's id is part of what the tokens are sealed for, so it must be settled first.
        let id = sqlx::query_scalar!(
            r#"
            insert into social_accounts
                (id, owner_id, platform, account_id, client_id, status, connected_at, created_at, updated_at)
            values ($1, $2, $3, $4, $5, 'disconnected', social_now(), social_now(), social_now())
            on conflict (owner_id, platform, account_id) do update set updated_at = social_now()
            returning id
            "#,
            self.id(),
            owner.as_str(),
            platform.as_str(),
            remote.id,
            client_id,
        )
        .fetch_one(&mut *tx)
        .await?;
        let (access, refresh) = seal_grant(&self.vault, owner, id, grant);
        // A platform that sends no refresh token this time leaves the one it sent before valid.
        // What the old grant's end has parked gave its turns back: the account begins anew at once, and not after them.
        let row = sqlx::query_as!(
            Row,
            r#"
            update social_accounts
            set client_id = $3, access_token = $4, refresh_token = coalesce($5, refresh_token),
                token_expires_at = social_now() + make_interval(secs => $6),
                refresh_expires_at = social_now() + make_interval(secs => $7),
                scopes = $8, token_version = token_version + 1, refresh_lease = null, refresh_leased_until = null,
                username = coalesce($9, username),
                account_metadata = account_metadata || $10, granted_by = $11, token_obtained_at = social_now(),
                status = 'active', connected_at = social_now(), updated_at = social_now(),
                next_start_at = case
                    when exists (
                        select from post_results r
                        where r.account_id = $1 and r.state = 'queued' and r.slot_at > social_now()
                    ) then next_start_at
                    else least(next_start_at, social_now())
                end
            where id = $1 and owner_id = $2
            returning id, owner_id, platform, account_id, username, status, scopes,
                account_metadata as "account_metadata: Json<AccountMetadata>", connected_at
            "#,
            id,
            owner.as_str(),
            client_id,
            access,
            refresh,
            grant.expires_in.map(seconds),
            grant.refresh_expires_in.map(seconds),
            &grant.scopes,
            remote.username,
            Json(&remote.metadata) as _,
            grant.granted_by,
        )
        .fetch_one(&mut *tx)
        .await?;
        release(tx, id).await?;
        row.try_into()
    }

    /// Those of a platform's accounts that an owner has connected before.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn known_accounts(
        &self,
        owner: &OwnerId,
        platform: &PlatformId,
        remote_ids: &[String],
    ) -> Result<Vec<Account>, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let rows = sqlx::query_as!(
            Row,
            r#"
            select id, owner_id, platform, account_id, username, status, scopes,
                account_metadata as "account_metadata: Json<AccountMetadata>", connected_at
            from social_accounts
            where owner_id = $1 and platform = $2 and account_id = any($3)
            "#,
            owner.as_str(),
            platform.as_str(),
            remote_ids,
        )
        .fetch_all(&mut tx)
        .await?;
        tx.commit().await?;
        rows.into_iter().map(Account::try_from).collect()
    }

    /// Notes what the platform tells of an account.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn describe_account(
        &self,
        owner: &OwnerId,
        account: AccountId,
        remote: &RemoteAccount,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_as(owner).await?;
        sqlx::query!(
            r#"
            update social_accounts
            set username = coalesce($3, username), account_metadata = account_metadata || $4, updated_at = social_now()
            where id = $1 and owner_id = $2
            "#,
            account.0,
            owner.as_str(),
            remote.username,
            Json(&remote.metadata) as _,
        )
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// An owner's accounts in the order they were first connected, after `after`.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn accounts(
        &self,
        owner: &OwnerId,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Account>, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let rows = sqlx::query_as!(
            Row,
            r#"
            select id, owner_id, platform, account_id, username, status, scopes,
                account_metadata as "account_metadata: Json<AccountMetadata>", connected_at
            from social_accounts
            where owner_id = $1 and ($2::uuid is null or id > $2)
            order by id
            limit $3
            "#,
            owner.as_str(),
            after,
            limit,
        )
        .fetch_all(&mut tx)
        .await?;
        tx.commit().await?;
        rows.into_iter().map(Account::try_from).collect()
    }

    /// Those of an owner's accounts that are asked for.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn accounts_of(&self, owner: &OwnerId, wanted: &[Uuid]) -> Result<Vec<Account>, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let rows = sqlx::query_as!(
            Row,
            r#"
            select id, owner_id, platform, account_id, username, status, scopes,
                account_metadata as "account_metadata: Json<AccountMetadata>", connected_at
            from social_accounts
            where owner_id = $1 and id = any($2)
            "#,
            owner.as_str(),
            wanted,
        )
        .fetch_all(&mut tx)
        .await?;
        tx.commit().await?;
        rows.into_iter().map(Account::try_from).collect()
    }

    /// Erases an account's tokens and parks its results; `false` if the owner has no such account.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn disconnect_account(&self, owner: &OwnerId, account: AccountId) -> Result<bool, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let known = sqlx::query!(
            r#"
            update social_accounts
            set status = 'disconnected', access_token = null, refresh_token = null, token_expires_at = null,
                refresh_expires_at = null, refresh_lease = null, refresh_leased_until = null,
                token_version = token_version + 1, updated_at = social_now()
            where id = $1 and owner_id = $2
            "#,
            account.0,
            owner.as_str(),
        )
        .execute(&mut tx)
        .await?;
        park(&mut tx, account.0, &Parking::because(DISCONNECTED)).await?;
        tx.commit().await?;
        Ok(known.rows_affected() == 1)
    }
}
