//! What waits: for its account, for a window, for its turn.

use uuid::Uuid;

use crate::model::HeldReason;
use crate::platform;
use crate::store::{Tx, seconds};

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
