//! Authorization requests under way.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::model::{AccountId, Connection, OwnerId, PlatformId, ReturnTo};
use crate::secret::CodeVerifier;
use crate::store::{Store, StoreError, seconds};
use crate::vault::Place;

/// What a visit to the callback finds.
#[derive(Debug)]
pub enum Visit {
    /// It is the first, by the browser that asked: the state is consumed, and no other visit will find this.
    First(Box<Connection>),
    /// It finishes nothing.
    Later(Visited, Standing),
    /// We never made this state.
    Unknown,
}

/// What a visit that finishes nothing may know of its state.
#[derive(Debug)]
pub struct Visited {
    /// The platform that was asked.
    pub platform: PlatformId,
    /// Where to go.
    pub return_to: ReturnTo,
}

/// Why a visit finishes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Another browser asked.
    OtherBrowser,
    /// The first visit of the same browser landed with this query.
    Landed(String),
    /// The first visit of the same browser has not landed yet.
    UnderWay,
    /// The state has served, and its ten minutes are over.
    Used,
    /// Its ten minutes are over.
    Expired,
}

fn verifier_place(owner: &OwnerId, row: uuid::Uuid) -> Place<'_> {
    Place { column: "oauth_states.code_verifier", owner: owner.as_str(), row }
}

impl Store {
    /// Keeps what the callback will need, under the hash of the state. Returns when it expires.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn keep_state(
        &self,
        state_hash: &[u8],
        connection: &Connection,
        lifetime: Duration,
    ) -> Result<Timestamp, StoreError> {
        let id = self.id();
        let owner = &connection.owner;
        let verifier = connection
            .code_verifier
            .as_ref()
            .map(|verifier| self.vault.seal(verifier_place(owner, id), verifier.expose()));
        let mut tx = self.begin_as(owner).await?;
        let expires_at = sqlx::query_scalar!(
            r#"
            insert into oauth_states
                (id, state_hash, owner_id, platform, redirect_uri, code_verifier, cookie_hash, return_to, reconnects, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, social_now() + make_interval(secs => $10))
            returning expires_at
            "#,
            id,
            state_hash,
            owner.as_str(),
            connection.platform.as_str(),
            connection.redirect_uri,
            verifier,
            connection.cookie_hash,
            connection.return_to.as_str(),
            connection.reconnects.map(|account| account.0),
            seconds(lifetime),
        )
        .fetch_one(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(expires_at)
    }

    /// Consumes a state: the one guarded statement that lets exactly one visit through, and none but of the browser
    /// that asked, which its cookie tells. Only when it lets none through is the reason looked up, and nothing changed.
    ///
    /// # Errors
    /// When the database declines, or the verifier does not open.
    pub async fn visit_state(&self, state_hash: &[u8], cookie_hash: &[u8]) -> Result<Visit, StoreError> {
        let mut tx = self.begin_as_worker().await?;
        let row = sqlx::query!(
            r#"
            update oauth_states set consumed_at = social_now()
            where state_hash = $1 and cookie_hash = $2 and consumed_at is null and expires_at > social_now()
            returning id, owner_id, platform, redirect_uri, code_verifier, cookie_hash, return_to, reconnects
            "#,
            state_hash,
            cookie_hash,
        )
        .fetch_optional(&mut tx)
        .await?;
        let Some(row) = row else {
            let later = sqlx::query!(
                r#"
                select platform, return_to, landed, consumed_at is not null as "is_consumed!",
                    expires_at <= social_now() as "is_over!", cookie_hash = $2 as "is_same_browser!"
                from oauth_states
                where state_hash = $1
                "#,
                state_hash,
                cookie_hash,
            )
            .fetch_optional(&mut tx)
            .await?;
            tx.commit().await?;
            let Some(row) = later else { return Ok(Visit::Unknown) };
            let standing = match (row.is_over, row.is_consumed, row.landed) {
                (true, true, _) => Standing::Used,
                (true, false, _) => Standing::Expired,
                (false, ..) if !row.is_same_browser => Standing::OtherBrowser,
                (false, _, Some(landed)) => Standing::Landed(landed),
                (false, _, None) => Standing::UnderWay,
            };
            let visited = Visited {
                platform: PlatformId::named(row.platform),
                return_to: ReturnTo::parse(&row.return_to).unwrap_or_default(),
            };
            return Ok(Visit::Later(visited, standing));
        };
        tx.commit().await?;
        let owner = OwnerId::new(&row.owner_id).ok_or(StoreError::Inconsistent("oauth_states.owner_id"))?;
        let code_verifier = match &row.code_verifier {
            Some(sealed) => Some(CodeVerifier::new(self.vault.open(verifier_place(&owner, row.id), sealed)?)),
            None => None,
        };
        Ok(Visit::First(Box::new(Connection {
            platform: PlatformId::named(row.platform),
            redirect_uri: row.redirect_uri,
            code_verifier,
            cookie_hash: row.cookie_hash,
            return_to: ReturnTo::parse(&row.return_to).unwrap_or_default(),
            reconnects: row.reconnects.map(AccountId),
            owner,
        })))
    }

    /// Keeps where the first visit went, for those that follow. The verifier has served.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn land_state(
        &self,
        owner: &OwnerId,
        state_hash: &[u8],
        landed: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_as(owner).await?;
        sqlx::query!(
            r#"
            update oauth_states set landed = $3, code_verifier = null
            where state_hash = $1 and owner_id = $2 and consumed_at is not null and landed is null
            "#,
            state_hash,
            owner.as_str(),
            landed,
        )
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets what no longer tells a used state from an unknown one: states a day old, webhooks and
    /// idempotency keys a week old.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let mut tx = self.begin_as_worker().await?;
        sqlx::query!("delete from oauth_states where expires_at < social_now() - interval '1 day'")
            .execute(&mut tx)
            .await?;
        sqlx::query!("delete from idempotency_keys where created_at < social_now() - interval '7 days'")
            .execute(&mut tx)
            .await?;
        sqlx::query!("delete from received_webhooks where received_at < social_now() - interval '7 days'")
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
