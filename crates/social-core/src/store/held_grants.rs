//! An account with the grant behind it, as they are now.

use std::time::Duration;

use tokio_postgres::types::Json;

use crate::model::{Account, AccountId, OwnerId};
use crate::secret::{AccessToken, RefreshToken};
use crate::store::call::{Call, columns};
use crate::store::grants::{access_place, refresh_place};
use crate::store::social_accounts::AccountRow;
use crate::store::{Store, StoreError, seconds};
use crate::vault::SealBroken;

/// Five minutes: a token that dies sooner is refreshed before it is used.
const REFRESH_BEFORE: Duration = Duration::from_mins(5);

/// An account's tokens as they are now.
#[derive(Debug)]
pub struct HeldGrant {
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
}

/// An account with its grant.
#[derive(Debug)]
pub struct GrantedAccount {
    /// The account.
    pub account: Account,
    /// Its grant, if the account is active; or why that does not open.
    pub grant: Result<Option<HeldGrant>, SealBroken>,
    /// Whether others, of whatever owner, as far as that was asked, live on the permission behind it: by
    /// the person who gave it at the platform, or because they are the same account there, for which a platform may hold one permission only.
    pub is_shared: bool,
}

columns! {
    struct Row {
        account: Json<AccountRow>,
        access_token: Option<String>,
        refresh_token: Option<String>,
        token_version: i64,
        dies_soon: bool,
        granted_by: Option<String>,
        lasted: f64,
        is_paused: bool,
        is_shared: bool,
    }
}

impl Store {
    /// An owner's account with its grant; `None` if there is none. `asks_others`: whether the grant is shared is looked up
    /// as well. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn granted_account(
        &self,
        owner: &OwnerId,
        account: AccountId,
        asks_others: bool,
    ) -> Result<Option<GrantedAccount>, StoreError> {
        let call = Call::repeatable("read_account")
            .with("owner", owner.as_str())
            .with("wanted", account.0)
            .with("margin", seconds(REFRESH_BEFORE))
            .with("asks_others", asks_others);
        let Some(mut row) = self.row::<Row>(call).await? else { return Ok(None) };
        let access_token = row.access_token.take();
        let grant = access_token.map(|sealed| self.open_grant(owner, account, &sealed, &row)).transpose();
        Ok(Some(GrantedAccount { account: row.account.0.try_into()?, grant, is_shared: row.is_shared }))
    }

    /// The tokens of an active account; `None` if the owner has no such account, or it is not active. Repeatable.
    ///
    /// # Errors
    /// When the database declines, or a token does not open.
    pub async fn grant(&self, owner: &OwnerId, account: AccountId) -> Result<Option<HeldGrant>, StoreError> {
        match self.granted_account(owner, account, false).await? {
            Some(granted) => Ok(granted.grant?),
            None => Ok(None),
        }
    }

    fn open_grant(
        &self,
        owner: &OwnerId,
        account: AccountId,
        access_token: &str,
        row: &Row,
    ) -> Result<HeldGrant, SealBroken> {
        let refresh_token = match &row.refresh_token {
            Some(sealed) => {
                Some(RefreshToken::new(self.vault.open(refresh_place(owner.as_str(), account.0), sealed)?))
            }
            None => None,
        };
        Ok(HeldGrant {
            access_token: AccessToken::new(
                self.vault.open(access_place(owner.as_str(), account.0), access_token)?,
            ),
            refresh_token,
            version: row.token_version,
            dies_soon: row.dies_soon,
            granted_by: row.granted_by.clone(),
            lasted: Duration::try_from_secs_f64(row.lasted).unwrap_or_default(),
            is_paused: row.is_paused,
        })
    }
}
