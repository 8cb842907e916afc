//! The work by our own store, as the process that is measured.

use std::cell::Cell;
use std::io::Write as _;
use std::time::Duration;

use futures_util::future::try_join_all;
use social_core::http::Effect;
use social_core::model::{Attempt, AttemptOutcome, Receipt, ResultState};
use social_core::platform::{FACTS, Shows};
use social_core::store::{Leased, Reach, Room, Store};
use uuid::Uuid;

use crate::fill;
use crate::trouble::{Outcome, Trouble};

/// Whether a ledger entry is written with each result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ledger {
    /// As the publisher does.
    Kept,
    /// As the other queues, which have none.
    None,
}

/// Does the work: so many loops, each claiming up to `batch`, and saving what it claimed with the next claim.
pub(crate) async fn work(url: &str, loops: u32, batch: usize, count: usize, ledger: Ledger) -> Outcome<()> {
    let store = fill::store(url, loops)?;
    warm(&store, loops).await?;
    say("ready")?;
    std::io::stdin().read_line(&mut String::new())?;
    let done = Cell::new(0);
    try_join_all((0..loops).map(|_| one_loop(&store, batch, count, ledger, &done))).await?;
    if done.get() != count {
        return Err(format!("{} of {count} done", done.get()).as_str().into());
    }
    say("done")?;
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}

async fn one_loop(
    store: &Store,
    batch: usize,
    count: usize,
    ledger: Ledger,
    done: &Cell<usize>,
) -> Outcome<()> {
    let attempts: &[Attempt] = match ledger {
        Ledger::Kept => &[an_attempt()],
        Ledger::None => &[],
    };
    let mut ended = Vec::new();
    while done.get() < count {
        // As the publisher's loop: what has ended is saved with the next claim.
        let claim = store
            .save_and_lease(&ended, Reach::Everything, &room(batch), batch, Duration::from_secs(60))
            .await?;
        if !claim.lost.is_empty() {
            return Err("a lease was lost".into());
        }
        done.set(done.get() + ended.len());
        if claim.leased.is_empty() && ended.is_empty() {
            // Another loop has the remaining ones.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        ended = claim
            .leased
            .iter()
            .map(|leased| match leased {
                Leased::Ready(lease) => Ok(store.ended(lease, &published(), &Shows::default(), attempts)),
                Leased::Unreadable(..) => Err(Trouble::from("a lease is unreadable")),
            })
            .collect::<Outcome<_>>()?;
    }
    Ok(())
}

/// Room for so many results of every platform there is.
pub(crate) fn room(hands: usize) -> Room {
    let platforms = FACTS.iter().map(|facts| (facts.id.clone(), hands)).collect();
    Room { platforms, per_account: hands, leased: Vec::new() }
}

/// Opens the connections, so that opening them is not measured.
async fn warm(store: &Store, connections: u32) -> Outcome<()> {
    try_join_all((0..connections).map(|_| store.pulse())).await?;
    Ok(())
}

fn published() -> ResultState {
    let post_id = Some("7512345678901234567".to_owned());
    let receipt = Receipt { post_id, ..Receipt::default() };
    ResultState::Published { receipt, look_again: None, failures: 0 }
}

fn an_attempt() -> Attempt {
    Attempt {
        step: "poll".to_owned(),
        effect: Effect::Read,
        outcome: AttemptOutcome::Ok,
        http_status: Some(200),
        code: None,
        log_id: Some("202612011200000123456789".to_owned()),
        first_byte: None,
        bytes: None,
        checksum: None,
        duration: Duration::from_millis(120),
        request_id: Uuid::max().into(),
    }
}

fn say(word: &str) -> Outcome<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{word}")?;
    Ok(out.flush()?)
}
