//! The top of the hour: how long until all that is due at once has begun.
//!
//! Everything is the store's own; only the platform's call is played: it takes 50 ms and ends well. One worker
//! runs as the publisher does: it claims as many as it has hands free.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use social_core::model::{Receipt, ResultState};
use social_core::platform::Shows;
use social_core::store::{Lease, Leased, Reach, Store};
use uuid::Uuid;

use crate::fair::percentile;
use crate::fill::{self, Begun, Filling, fill};
use crate::ours::room;
use crate::server::{Database, Server, connect};
use crate::trouble::Outcome;

const RESULTS: usize = 10_000;
const ACCOUNTS: usize = 2_000;
const HANDS: usize = 50;
const CALL: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(600);

/// Plays it and prints what came out.
pub(crate) async fn run(server: &Server) -> Outcome<()> {
    let database = server.migrated("burst").await?;
    let burst = Filling { due: 20.0, apart: 0.0, ..Filling::due(RESULTS, ACCOUNTS, Begun::No) };
    fill(&database, &burst).await?;
    server.settle(&database).await?;
    let due = due_times(&database).await?;
    let store = fill::store(&database.app_url, 8)?;
    let start = server.cpu()?;
    let mut delays = begin_all(&store, &due).await?;
    let used = server.cpu()? - start;
    store.close();
    server.drop(&database.name).await?;
    delays.sort_by(f64::total_cmp);
    println!(
        "\n{RESULTS} results of {ACCOUNTS} accounts, due in the same second; one worker with {HANDS} hands, calls of 50 ms. TikTok's spacing gives an account's fifth its turn after 44 s:\n"
    );
    println!("| begun | p50 s | p99 s | all s | Postgres's CPU s |");
    println!("| ---: | ---: | ---: | ---: | ---: |");
    println!(
        "| {} | {:.1} | {:.1} | {:.1} | {:.1} |",
        delays.len(),
        percentile(&delays, 0.5) / 1e3,
        percentile(&delays, 0.99) / 1e3,
        percentile(&delays, 1.0) / 1e3,
        used.as_secs_f64()
    );
    Ok(())
}

/// When the results are due, in milliseconds of the epoch.
async fn due_times(database: &Database) -> Outcome<HashMap<Uuid, f64>> {
    let mut owner = connect(&database.url).await?;
    let rows: Vec<(Uuid, f64)> =
        sqlx::query_as("select id, extract(epoch from created_at)::float8 * 1000 from post_results")
            .fetch_all(&mut owner)
            .await?;
    Ok(rows.into_iter().collect())
}

/// Works until all have begun; how late each did, in milliseconds.
async fn begin_all(store: &Store, due: &HashMap<Uuid, f64>) -> Outcome<Vec<f64>> {
    let delays = RefCell::new(Vec::new());
    let mut busy = FuturesUnordered::new();
    let start = Instant::now();
    while delays.borrow().len() < due.len() && start.elapsed() < PATIENCE {
        let free = HANDS - busy.len();
        if free > 0 {
            let claim =
                store.lease_due(Reach::Everything, &room(free), free, Duration::from_secs(60)).await?;
            let now = fill::now_millis();
            for leased in claim.leased {
                let Leased::Ready(lease) = leased else { return Err("a lease is unreadable".into()) };
                if let Some(due) = due.get(&lease.id.0) {
                    delays.borrow_mut().push(now - due);
                }
                busy.push(step(store, lease));
            }
            if busy.is_empty() {
                let pause = if claim.has_more { Duration::ZERO } else { Duration::from_millis(200) };
                tokio::time::sleep(pause).await;
                continue;
            }
        }
        if let Some(over) = busy.next().await {
            over?;
        }
    }
    Ok(delays.into_inner())
}

async fn step(store: &Store, mut lease: Box<Lease>) -> Outcome<()> {
    tokio::time::sleep(CALL).await;
    let state = ResultState::Published { receipt: Receipt::default(), look_again: None, failures: 0 };
    store.save(&mut lease, &state, &Shows::default(), &[], None).await?;
    Ok(())
}
