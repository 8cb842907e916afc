//! What waits: for its account, for a window, for its turn.

use uuid::Uuid;

use crate::model::HeldReason;
use crate::platform;
use crate::store::{Store, Tx, seconds};

/// Lets an account's waiting results go on: from where they were, or from the beginning.
pub(super) async fn release(tx: &mut Tx, account: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("select release_results($1)").bind(account).execute(tx).await?;
    Ok(())
}

/// Why an account's results wait for a new connection.
pub(super) struct Parking<'a> {
    pub(super) code: &'a str,
    pub(super) message: &'a str,
}

impl<'a> Parking<'a> {
    /// The grant has ended, for a reason we have a sentence for.
    pub(super) fn because(message: &'a str) -> Self {
        Self { code: HeldReason::NeedsReconnect.name(), message }
    }
}

/// Parks what an account has under way until it is connected again, each with the reason. What is parked already keeps
/// the one it has.
pub(super) async fn park(tx: &mut Tx, account: Uuid, parking: &Parking<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("select park_results($1, $2, $3)")
        .bind(account)
        .bind(parking.code)
        .bind(parking.message)
        .execute(tx)
        .await?;
    Ok(())
}

/// The platforms, and how many seconds apart an account of each may begin its results.
pub(super) fn paces() -> (Vec<String>, Vec<f64>) {
    platform::WORKERS.iter().map(|worker| (worker.id().to_string(), seconds(worker.pace().spacing))).unzip()
}

impl Store {
    /// Closes the ranks of accounts where more than half of the turns that were given are nobody's any more, because
    /// their posts were called off: who still waits begins as soon as it may. That is for whoever waits, so that it
    /// cannot be done now is no trouble of the caller's.
    pub(super) async fn give_turns_back(&self, accounts: &[Uuid]) {
        if let Err(error) = self.close_ranks(accounts).await {
            tracing::warn!("turns could not be given back: {error}");
        }
    }

    async fn close_ranks(&self, accounts: &[Uuid]) -> Result<(), sqlx::Error> {
        let (platforms, spacings) = paces();
        let mut tx = self.begin_as_worker().await?;
        sqlx::query("select give_turns_back($1, $2, $3)")
            .bind(accounts)
            .bind(&platforms)
            .bind(&spacings)
            .execute(&mut tx)
            .await?;
        tx.commit().await
    }
}
