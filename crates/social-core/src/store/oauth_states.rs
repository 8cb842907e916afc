//! Authorization requests under way.

use std::time::Duration;

use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::config::Rate;
use crate::model::{Account, AccountId, Connection, OwnerId, PlatformId, ReturnTo};
use crate::secret::CodeVerifier;
use crate::store::call::{Call, columns, seconds};
use crate::store::social_accounts::{AccountRow, accounts};
use crate::store::{Store, StoreError};
use crate::vault::Place;

/// What a visit to the callback finds.
#[derive(Debug)]
pub enum Visit {
    /// It is the first, by the browser that asked: the state is consumed, and no other visit will find this. With the
    /// accounts that its owner has connected on the platform before.
    First(Box<Connection>, Vec<Account>),
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

columns! {
    struct VisitRow {
        standing: String,
        state: Uuid,
        owner: String,
        on_platform: String,
        redirect: String,
        verifier: Option<String>,
        page: String,
        again: Option<Uuid>,
        landing: Option<String>,
        known: Json<Vec<AccountRow>>,
    }
}

pub(super) fn verifier_place(owner: &OwnerId, row: Uuid) -> Place<'_> {
    Place { column: "oauth_states.code_verifier", owner: owner.as_str(), row, version: None }
}

impl Store {
    /// Keeps what the callback will need, under the hash of the state. Returns when it expires; `None`: the owner has no
    /// such account to connect again. Repeatable: the row's id is chosen here.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn keep_state(
        &self,
        state_hash: &[u8],
        connection: &Connection,
        lifetime: Duration,
        rate: Rate,
    ) -> Result<Option<Timestamp>, StoreError> {
        let id = self.id();
        let owner = &connection.owner;
        let verifier = connection
            .code_verifier
            .as_ref()
            .map(|verifier| self.vault.seal(verifier_place(owner, id), verifier.expose()));
        self.value(
            Call::repeatable("keep_state")
                .with("state", id)
                .with("hash", state_hash)
                .with("owner", owner.as_str())
                .with("on_platform", connection.platform.as_str())
                .with("redirect", connection.redirect_uri.as_str())
                .with("verifier", verifier)
                .with("cookie", connection.cookie_hash.as_slice())
                .with("page", connection.return_to.as_str())
                .with("again", connection.reconnects.map(|account| account.0))
                .with("lifetime", seconds(lifetime))
                .with("per_minute", rate.per_minute()),
        )
        .await
    }

    /// Consumes a state: exactly one visit is let through, and none but of the browser that asked, which its cookie
    /// tells. If none is let through, the reason is looked up, and nothing changed. Repeatable: the visit has a name of
    /// its own.
    ///
    /// # Errors
    /// When the database declines, or the verifier does not open.
    pub async fn visit_state(&self, state_hash: &[u8], cookie_hash: &[u8]) -> Result<Visit, StoreError> {
        let visit = self.token();
        let call = Call::repeatable("visit_state")
            .with("hash", state_hash)
            .with("cookie", cookie_hash)
            .with("visit", visit);
        let Some(row) = self.row::<VisitRow>(call).await? else { return Ok(Visit::Unknown) };
        let platform = PlatformId::named(row.on_platform);
        let return_to = ReturnTo::parse(&row.page).unwrap_or_default();
        let standing = match (row.standing.as_str(), row.landing) {
            ("first", _) => {
                let owner =
                    OwnerId::new(&row.owner).ok_or(StoreError::Inconsistent("oauth_states.owner_id"))?;
                let code_verifier = match &row.verifier {
                    Some(sealed) => {
                        Some(CodeVerifier::new(self.vault.open(verifier_place(&owner, row.state), sealed)?))
                    }
                    None => None,
                };
                let connection = Connection {
                    owner,
                    platform,
                    redirect_uri: row.redirect,
                    code_verifier,
                    cookie_hash: cookie_hash.to_vec(),
                    return_to,
                    reconnects: row.again.map(AccountId),
                };
                return Ok(Visit::First(Box::new(connection), accounts(row.known.0)?));
            }
            ("landed", Some(redirect_query)) => Standing::Landed(redirect_query),
            ("other_browser", _) => Standing::OtherBrowser,
            ("used", _) => Standing::Used,
            ("expired", _) => Standing::Expired,
            ("under_way", _) => Standing::UnderWay,
            _ => return Err(StoreError::Inconsistent("what visit_state returns")),
        };
        Ok(Visit::Later(Visited { platform, return_to }, standing))
    }

    /// Keeps where the first visit went, for those that follow. The verifier has served. Returns where the visit lands:
    /// what was kept with the accounts stays. `None`: there is no such state any more. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn land_state(
        &self,
        owner: &OwnerId,
        state_hash: &[u8],
        redirect_query: &str,
    ) -> Result<Option<String>, StoreError> {
        self.value(
            Call::repeatable("land_state")
                .with("owner", owner.as_str())
                .with("hash", state_hash)
                .with("landing", redirect_query),
        )
        .await
    }
}
