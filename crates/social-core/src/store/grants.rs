//! The grants behind accounts: columns of `social_accounts` that only the flow reads.

use std::time::Duration;

use tokio_postgres::Row;
use uuid::Uuid;

use crate::model::{AccountId, Grant, HeldReason, OwnerId, PlatformId};
use crate::secret::{AccessToken, RefreshToken};
use crate::store::call::{Call, Columns, columns, seconds};
use crate::store::{Store, StoreError};
use crate::vault::{Place, SealBroken, Vault};

/// Five minutes: a token that dies sooner is refreshed before it is used.
pub(super) const REFRESH_BEFORE: Duration = Duration::from_mins(5);
/// 30 s: a token request may take 10 s, and its answer must be saved.
const REFRESH_LEASE: Duration = Duration::from_secs(30);

/// An account's tokens as they are now.
#[derive(Debug)]
pub struct StoredGrant {
    /// What calls are made with.
    pub access_token: AccessToken,
    /// What buys the next.
    pub refresh_token: Option<RefreshToken>,
    /// Counts the grants the account has had.
    pub version: i64,
    /// Whether the access token dies within five minutes.
    pub dies_soon: bool,
    /// The person who gave it, where the platform told.
    pub granted_by: Option<String>,
    /// How long ago it was given.
    pub lasted: Duration,
    /// Whether nobody asks for another for now: the platform has just had trouble giving one.
    pub is_paused: bool,
    /// The right to refresh it, if it was asked for and could be had.
    pub lease: Option<RefreshLease>,
}

/// Which tokens are to be refreshed, and by whom.
#[derive(Debug, Clone, Copy)]
pub enum Renew {
    /// Those that die soon, or that are of a version which the platform has rejected.
    IfNeeded {
        /// That version.
        rejected: Option<i64>,
    },
    /// Any.
    Anyway,
}

/// When a refreshed grant is saved again that could not be saved: the old pair may be dead by now.
const SAVE_PAUSES: [Duration; 3] = [Duration::from_millis(500); 3];

columns! {
    pub(super) struct GrantRow {
        access_token: String,
        refresh_token: Option<String>,
        token_version: i64,
        dies_soon: bool,
        granted_by: Option<String>,
        lasted: f64,
        is_paused: bool,
        refresh_version: Option<i64>,
    }
}

/// The same, with the right to refresh it.
struct LeasedGrantRow {
    grant: GrantRow,
    is_leased: bool,
}

impl Columns for LeasedGrantRow {
    fn read(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self { grant: GrantRow::read(row)?, is_leased: row.try_get("is_leased")? })
    }
}

columns! {
    struct IdleRow {
        id: Uuid,
        owner_id: String,
        platform: String,
    }
}

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

/// Where an account's access token is stored, in a version of its tokens.
pub(super) fn access_place(owner: &str, row: Uuid, version: i64) -> Place<'_> {
    Place { column: "social_accounts.access_token", owner, row, version: Some(version) }
}

/// Where its refresh token is stored, in the version that brought it.
pub(super) fn refresh_place(owner: &str, row: Uuid, version: i64) -> Place<'_> {
    Place { column: "social_accounts.refresh_token", owner, row, version: Some(version) }
}

pub(super) fn seal_grant(
    vault: &Vault,
    owner: &OwnerId,
    row: Uuid,
    version: i64,
    grant: &Grant,
) -> (String, Option<String>) {
    let access = vault.seal(access_place(owner.as_str(), row, version), grant.access_token.expose());
    let refresh = grant
        .refresh_token
        .as_ref()
        .map(|token| vault.seal(refresh_place(owner.as_str(), row, version), token.expose()));
    (access, refresh)
}

/// A call about an owner's account.
fn of_account<'a>(call: Call<'a>, owner: &'a OwnerId, account: AccountId) -> Call<'a> {
    call.with("owner", owner.as_str()).with("account", account.0)
}

impl Store {
    /// The tokens of an active account; `None` if the owner has no such account, or it is not active. It only reads.
    ///
    /// # Errors
    /// When the database declines, or a token does not open.
    pub async fn grant(
        &self,
        owner: &OwnerId,
        account: AccountId,
    ) -> Result<Option<StoredGrant>, StoreError> {
        let call = Call::repeatable("read_grant");
        let call = of_account(call, owner, account).with("soon", seconds(REFRESH_BEFORE));
        let row: Option<GrantRow> = self.row(call).await?;
        Ok(row.map(|row| self.open_grant(row, owner, account, None)).transpose()?)
    }

    /// The same, with the right to refresh the tokens, if that is wanted, nobody else has it, and no pause is on. It may be
    /// asked for twice by the same process.
    ///
    /// # Errors
    /// When the database declines, or a token does not open.
    pub async fn lease_grant(
        &self,
        owner: &OwnerId,
        account: AccountId,
        renew: Renew,
    ) -> Result<Option<StoredGrant>, StoreError> {
        let token = self.token();
        let (rejected, anyway) = match renew {
            Renew::IfNeeded { rejected } => (rejected, false),
            Renew::Anyway => (None, true),
        };
        let call = of_account(Call::repeatable("lease_grant"), owner, account)
            .with("soon", seconds(REFRESH_BEFORE))
            .with("rejected", rejected)
            .with("anyway", anyway)
            .with("lease", token)
            .with("lease_seconds", seconds(REFRESH_LEASE));
        let row: Option<LeasedGrantRow> = self.row(call).await?;
        let Some(LeasedGrantRow { grant, is_leased }) = row else { return Ok(None) };
        let version = grant.token_version;
        let lease = is_leased.then(|| RefreshLease { account, owner: owner.clone(), token, version });
        Ok(Some(self.open_grant(grant, owner, account, lease)?))
    }

    pub(super) fn open_grant(
        &self,
        row: GrantRow,
        owner: &OwnerId,
        account: AccountId,
        lease: Option<RefreshLease>,
    ) -> Result<StoredGrant, SealBroken> {
        let version = row.token_version;
        let access = access_place(owner.as_str(), account.0, version);
        let refresh = refresh_place(owner.as_str(), account.0, row.refresh_version.unwrap_or(version));
        let refresh_token = row.refresh_token.map(|sealed| self.vault.open(refresh, &sealed)).transpose()?;
        Ok(StoredGrant {
            access_token: AccessToken::new(self.vault.open(access, &row.access_token)?),
            refresh_token: refresh_token.map(RefreshToken::new),
            version,
            dies_soon: row.dies_soon,
            granted_by: row.granted_by,
            lasted: Duration::try_from_secs_f64(row.lasted).unwrap_or_default(),
            is_paused: row.is_paused,
            lease,
        })
    }

    /// Keeps the refreshed grant, if the account's tokens are still the ones it was bought with. A platform
    /// that sends no new refresh token leaves the old one valid. A moment's trouble with the database must not cost the
    /// new pair, so it is saved again for a while; saved twice, it is kept once.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn save_refresh(&self, lease: &RefreshLease, grant: &Grant) -> Result<bool, StoreError> {
        let (access, refresh) =
            seal_grant(&self.vault, &lease.owner, lease.account.0, lease.version + 1, grant);
        let call = || {
            of_account(Call::repeatable("save_refresh").patient(), &lease.owner, lease.account)
                .with("version", lease.version)
                .with("access", access.as_str())
                .with("refresh", refresh.as_deref())
                .with("expires_in", grant.expires_in.map(seconds))
                .with("refresh_expires_in", grant.refresh_expires_in.map(seconds))
                .with("granted_scopes", grant.scopes.as_slice())
        };
        for pause in SAVE_PAUSES {
            match self.value(call()).await {
                Err(error) if error.is_passing() => tokio::time::sleep(pause).await,
                saved => return saved,
            }
        }
        self.value(call()).await
    }

    /// Gives the right to refresh back, unused, and lets nobody have it for a while. Its second time finds nothing to give
    /// back.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn pause_refresh(&self, lease: &RefreshLease, pause: Duration) -> Result<(), StoreError> {
        let call = of_account(Call::repeatable("pause_refresh"), &lease.owner, lease.account)
            .with("lease", lease.token)
            .with("pause", seconds(pause));
        self.run(call).await
    }

    /// Notes that a grant has ended and parks the account's results with the reason, if its tokens are still of this
    /// version: an account that was connected again meanwhile is left alone. Says whether it was so. Twice is once.
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
        let call = of_account(Call::repeatable("end_grant").patient(), owner, account)
            .with("version", version)
            .with("code", HeldReason::NeedsReconnect.name())
            .with("message", why);
        self.value(call).await
    }

    /// Active accounts that would die idle, at most `limit`: the sooner one would, the likelier it is among them. It only
    /// reads.
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
        let call = Call::repeatable("find_idle_accounts")
            .with("renewed", platforms)
            .with("from_ages", ages)
            .with("most", i32::try_from(limit).unwrap_or(i32::MAX));
        let rows: Vec<IdleRow> = self.rows(call).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                Some((OwnerId::new(&row.owner_id)?, PlatformId::named(row.platform), AccountId(row.id)))
            })
            .collect())
    }
}
