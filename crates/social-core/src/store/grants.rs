//! The grants behind accounts: columns of `social_accounts` that only the flow reads.

use std::time::Duration;

use uuid::Uuid;

use crate::entropy;
use crate::model::{AccountId, Grant, OwnerId, PlatformId};
use crate::store::holds::{Parking, park};
use crate::store::{Store, StoreError, seconds};
use crate::vault::{Place, Vault};

/// 30 s: a token request may take 10 s, and its answer must be saved.
const REFRESH_LEASE: Duration = Duration::from_secs(30);

/// The right to refresh one account's tokens, once.
#[derive(Debug)]
pub struct RefreshLease {
    /// The account.
    pub account: AccountId,
    /// Its owner.
    pub owner: OwnerId,
    token: Uuid,
    version: i64,
}

pub(super) fn access_place(owner: &str, row: Uuid) -> Place<'_> {
    Place { column: "social_accounts.access_token", owner, row }
}

pub(super) fn refresh_place(owner: &str, row: Uuid) -> Place<'_> {
    Place { column: "social_accounts.refresh_token", owner, row }
}

pub(super) fn seal_grant(
    vault: &Vault,
    owner: &OwnerId,
    row: Uuid,
    grant: &Grant,
) -> (String, Option<String>) {
    let access = vault.seal(access_place(owner.as_str(), row), grant.access_token.expose());
    let refresh = grant
        .refresh_token
        .as_ref()
        .map(|token| vault.seal(refresh_place(owner.as_str(), row), token.expose()));
    (access, refresh)
}

impl Store {
    /// Takes the right to refresh an account's tokens, if they are still of this version, nobody else has it, and no
    /// pause is on.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn lease_refresh(
        &self,
        owner: &OwnerId,
        account: AccountId,
        version: i64,
    ) -> Result<Option<RefreshLease>, StoreError> {
        let token = Uuid::from_bytes(entropy::bytes(&*self.entropy));
        let mut tx = self.begin_as(owner).await?;
        let updated = sqlx::query!(
            r#"
            update social_accounts
            set refresh_lease = $4, refresh_leased_until = social_now() + make_interval(secs => $5)
            where id = $1 and owner_id = $2 and token_version = $3 and status = 'active'
                and (refresh_leased_until is null or refresh_leased_until <= social_now())
                and (refresh_paused_until is null or refresh_paused_until <= social_now())
            "#,
            account.0,
            owner.as_str(),
            version,
            token,
            seconds(REFRESH_LEASE),
        )
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        let lease = RefreshLease { account, owner: owner.clone(), token, version };
        Ok((updated.rows_affected() == 1).then_some(lease))
    }

    /// Keeps the refreshed grant, if the account's tokens are still the ones it was bought with. A platform
    /// that sends no new refresh token leaves the old one valid.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn save_refresh(&self, lease: &RefreshLease, grant: &Grant) -> Result<bool, StoreError> {
        let (access, refresh) = seal_grant(&self.vault, &lease.owner, lease.account.0, grant);
        let mut tx = self.begin_as(&lease.owner).await?;
        let saved = sqlx::query!(
            r#"
            update social_accounts
            set access_token = $4, refresh_token = coalesce($5, refresh_token),
                token_expires_at = social_now() + make_interval(secs => $6),
                refresh_expires_at = coalesce(social_now() + make_interval(secs => $7), refresh_expires_at),
                scopes = case when cardinality($8::text[]) > 0 then $8 else scopes end,
                token_obtained_at = social_now(), token_version = token_version + 1, refresh_lease = null,
                refresh_leased_until = null, updated_at = social_now()
            where id = $1 and owner_id = $2 and token_version = $3 and status = 'active'
            "#,
            lease.account.0,
            lease.owner.as_str(),
            lease.version,
            access,
            refresh,
            grant.expires_in.map(seconds),
            grant.refresh_expires_in.map(seconds),
            &grant.scopes,
        )
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(saved.rows_affected() == 1)
    }

    /// Gives the right to refresh back, unused, and lets nobody have it for a while.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn pause_refresh(&self, lease: &RefreshLease, pause: Duration) -> Result<(), StoreError> {
        let mut tx = self.begin_as(&lease.owner).await?;
        sqlx::query!(
            r#"
            update social_accounts
            set refresh_lease = null, refresh_leased_until = null,
                refresh_paused_until = social_now() + make_interval(secs => $3)
            where id = $1 and refresh_lease = $2
            "#,
            lease.account.0,
            lease.token,
            seconds(pause),
        )
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes that a grant has ended and parks the account's results with the reason, if its tokens are still of this
    /// version: an account that was connected again meanwhile is left alone. Says whether it was so.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn end_grant(
        &self,
        owner: &OwnerId,
        account: AccountId,
        version: i64,
        why: &'static str,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let ended = sqlx::query!(
            r#"
            update social_accounts
            set status = 'needs_reconnect', refresh_lease = null, refresh_leased_until = null, updated_at = social_now()
            where id = $1 and owner_id = $2 and token_version = $3 and status in ('active', 'needs_reconnect')
            "#,
            account.0,
            owner.as_str(),
            version,
        )
        .execute(&mut tx)
        .await?;
        let ended = ended.rows_affected() == 1;
        if ended {
            park(&mut tx, account.0, &Parking::because(why)).await?;
        }
        tx.commit().await?;
        Ok(ended)
    }

    /// Active accounts that would die idle, at most `limit`: the sooner one would, the likelier it is among them.
    ///
    /// A refresh token is used when it ends within a month, or, where its end is not told, when it has not been used
    /// for a month. The tokens of the platforms in `renewed` are their own refresh tokens from an age on.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn find_idle_accounts(
        &self,
        renewed: &[(PlatformId, Duration)],
        limit: usize,
    ) -> Result<Vec<(OwnerId, PlatformId, AccountId)>, StoreError> {
        let (platforms, ages): (Vec<String>, Vec<f64>) =
            renewed.iter().map(|(platform, age)| (platform.to_string(), seconds(*age))).unzip();
        let mut tx = self.begin_as_worker().await?;
        let rows = sqlx::query!(
            r#"
            select a.id, a.owner_id, a.platform
            from social_accounts a
            left join unnest($1::text[], $2::float8[]) as renewed (platform, from_age) on renewed.platform = a.platform
            where a.status = 'active' and (a.refresh_leased_until is null or a.refresh_leased_until <= social_now())
                and (a.refresh_paused_until is null or a.refresh_paused_until <= social_now())
                and case
                    when renewed.platform is null then a.token_expires_at < social_now()
                        and a.token_obtained_at < social_now() - interval '1 day' and (
                        a.refresh_expires_at < social_now() + interval '30 days'
                        or (
                            a.refresh_token is not null and a.refresh_expires_at is null
                            and a.token_obtained_at < social_now() - interval '30 days'
                        )
                    )
                    else a.token_expires_at > social_now()
                        and a.token_obtained_at <= social_now() - make_interval(secs => renewed.from_age)
                end
            order by random() * greatest(coalesce(extract(epoch from
                case when renewed.platform is null then a.refresh_expires_at else a.token_expires_at end - social_now()
            ), 30 * 86400), 1)
            limit $3
            "#,
            &platforms,
            &ages,
            i64::try_from(limit).unwrap_or(i64::MAX),
        )
        .fetch_all(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                Some((OwnerId::new(&row.owner_id)?, PlatformId::named(row.platform), AccountId(row.id)))
            })
            .collect())
    }

    /// Seals tokens anew that an older key has sealed, a hundred accounts at a time, so that the older key can
    /// be taken out of the ring. Returns how many accounts were sealed anew.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn reseal(&self) -> Result<usize, StoreError> {
        let mut tx = self.begin_as_worker().await?;
        let rows = sqlx::query!(
            r#"
            select id, owner_id, access_token as "access_token!", refresh_token
            from social_accounts
            where access_token is not null
                and (split_part(access_token, '.', 2) <> $1 or split_part(refresh_token, '.', 2) <> $1)
            order by random()
            limit 100
            "#,
            self.vault.newest_key(),
        )
        .fetch_all(&mut tx)
        .await?;
        let mut resealed = 0;
        for row in &rows {
            let anew = |place, sealed: &str| {
                self.vault.open(place, sealed).map(|plain| self.vault.seal(place, &plain))
            };
            let access = anew(access_place(&row.owner_id, row.id), &row.access_token);
            let place = refresh_place(&row.owner_id, row.id);
            let refresh = row.refresh_token.as_deref().map(|sealed| anew(place, sealed)).transpose();
            let (Ok(access), Ok(refresh)) = (access, refresh) else {
                tracing::error!(account.id = %row.id, error.code = "secret_unreadable", "the tokens of account {} do not open", row.id);
                continue;
            };
            resealed += 1;
            // A grant that was refreshed meanwhile is sealed with the newest key already.
            sqlx::query!(
                "update social_accounts set access_token = $3, refresh_token = $4 where id = $1 and access_token = $2",
                row.id,
                row.access_token,
                access,
                refresh,
            )
            .execute(&mut tx)
            .await?;
        }
        tx.commit().await?;
        Ok(resealed)
    }
}
