//! An account with the grant behind it, as they are now.

use tokio_postgres::Row;
use tokio_postgres::types::Json;

use crate::model::{Account, AccountId, OwnerId};
use crate::store::call::{Call, Columns, seconds};
use crate::store::grants::{GrantRow, REFRESH_BEFORE, StoredGrant};
use crate::store::social_accounts::AccountRow;
use crate::store::{Store, StoreError};
use crate::vault::SealBroken;

/// An account with its grant.
#[derive(Debug)]
pub struct GrantedAccount {
    /// The account.
    pub account: Account,
    /// Its grant, if the account is active; or why that does not open.
    pub grant: Result<Option<StoredGrant>, SealBroken>,
    /// Whether another account depends on the same grant, if that was asked: one of the person who gave it, or the same
    /// account of another owner, for which a platform may store only one grant.
    pub is_shared: bool,
}

struct GrantedRow {
    account: AccountRow,
    grant: Option<GrantRow>,
    is_shared: bool,
}

impl Columns for GrantedRow {
    fn read(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let has_token = row.try_get::<_, Option<&str>>("access_token")?.is_some();
        Ok(Self {
            account: row.try_get::<_, Json<AccountRow>>("account")?.0,
            grant: has_token.then(|| GrantRow::read(row)).transpose()?,
            is_shared: row.try_get("is_shared")?,
        })
    }
}

impl Store {
    /// Reads an owner's account with its grant; `None` if there is none. `asks_others`: whether the grant is shared is
    /// looked up as well. Repeatable.
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
        let Some(row) = self.row::<GrantedRow>(call).await? else { return Ok(None) };
        let grant = row.grant.map(|grant| self.open_grant(grant, owner, account, None)).transpose();
        Ok(Some(GrantedAccount { account: row.account.try_into()?, grant, is_shared: row.is_shared }))
    }
}
