//! Faults of the processes, Postgres and the grants at random times, independent of calls.

use std::sync::Arc;
use std::time::Duration;

use crate::account::Account;
use crate::dice::Dice;
use crate::error::SoakError;
use crate::postgres::{Postgres, Stop};
use crate::wire::Wire;

/// An ended grant is reconnected within seconds, but its held posts resume slowly.
const GRANTS_END_BEFORE: Duration = Duration::from_secs(20);

/// How many of each.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    pub(crate) expired_tokens: u64,
    pub(crate) ended_grants: u64,
}

/// Injects faults for this long. In the middle, Postgres is always killed.
pub(crate) async fn make(
    wire: Arc<Wire>,
    postgres: Arc<Postgres>,
    accounts: Arc<Vec<Account>>,
    mut dice: Dice,
    lasting: Duration,
) -> Result<Troubles, SoakError> {
    let end = wire.timeline.now() + lasting;
    let mut middle = Some(wire.timeline.now() + lasting / 2);
    let mut troubles = Troubles::default();
    loop {
        tokio::time::sleep(dice.millis(500, 3_000)).await;
        let now = wire.timeline.now();
        if now >= end {
            return Ok(troubles);
        }
        if middle.is_some_and(|middle| middle <= now) {
            middle = None;
            postgres.restart(Stop::Killed, dice.millis(0, 2_000)).await?;
            continue;
        }
        let account = accounts.get(dice.index(accounts.len()));
        match dice.below(100) {
            0..10 => {
                let how = match dice.below(3) {
                    0 => Stop::Killed,
                    1 => Stop::Immediate,
                    _ => Stop::Fast,
                };
                postgres.restart(how, dice.millis(0, 3_000)).await?;
            }
            10..25 => {
                let expired =
                    account.is_some_and(|account| wire.sandbox.tiktok().expire_tokens(&account.handle));
                troubles.expired_tokens += u64::from(expired);
            }
            25..30 if end.saturating_sub(now) > GRANTS_END_BEFORE => {
                let ended = account.is_some_and(|account| wire.sandbox.tiktok().revoke(&account.handle));
                troubles.ended_grants += u64::from(ended);
            }
            30..35 => {
                // All at once: a node that fails.
                let all = (0..wire.fleet.len()).map(|index| wire.fleet.kill_at(index));
                futures_util::future::join_all(all).await;
            }
            _ => wire.fleet.kill_at(dice.index(wire.fleet.len())).await,
        }
    }
}
