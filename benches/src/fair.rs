//! How long calm results wait to begin while others make trouble: the real publisher, in a process of its own,
//! against a platform that answers after 50 ms.

use std::time::{Duration, Instant};

use crate::fill::{Begun, Filling, fill};
use crate::server::{Database, Server, connect};
use crate::trouble::Outcome;
use crate::worker::Process;

const CALM: usize = 200;
/// The calm results come due over so many seconds, so many seconds after the worker's start.
const SPREAD: f64 = 40.0;
const HEAD_START: f64 = 15.0;
/// The default of a function.
const HANDS: usize = 8;
/// Numbers of results and accounts that make trouble begin here.
const OTHERS: usize = 1_000_000;
/// How long is waited for the calm to begin.
const PATIENCE: Duration = Duration::from_secs(240);
/// A small video: what is measured is the queue.
const VIDEO: u64 = 1_000_000;

/// Who makes trouble.
#[derive(Debug, Clone, Copy)]
struct Others {
    name: &'static str,
    results: usize,
    accounts: usize,
    begun: Begun,
    platform: &'static str,
    token: &'static str,
}

const SCENES: &[Others] = &[
    Others { name: "nothing", results: 0, accounts: 1, begun: Begun::No, platform: "tiktok", token: "" },
    Others {
        name: "one account with 10 000 due results",
        results: 10_000,
        accounts: 1,
        begun: Begun::No,
        platform: "tiktok",
        token: crate::fill::TOKEN,
    },
    Others {
        name: "one account whose 200 results under way fail at once",
        results: 200,
        accounts: 1,
        begun: Begun::Yes,
        platform: "tiktok",
        token: "act.fail",
    },
    Others {
        name: "one account whose 200 results under way stall for 5 s and fail",
        results: 200,
        accounts: 1,
        begun: Begun::Yes,
        platform: "tiktok",
        token: "act.stall",
    },
    Others {
        name: "another platform of which 500 accounts stall for 5 s and fail",
        results: 500,
        accounts: 500,
        begun: Begun::No,
        platform: "youtube",
        token: "act.stall",
    },
    Others {
        name: "50 accounts of the same platform, 200 results under way, stall for 5 s and fail",
        results: 200,
        accounts: 50,
        begun: Begun::Yes,
        platform: "tiktok",
        token: "act.stall",
    },
];

/// Runs every scene and prints the table.
pub(crate) async fn run(server: &Server) -> Outcome<()> {
    println!(
        "\nStart delay, from due to first lease, of {CALM} results of an account each, due over {SPREAD} s; one worker with {HANDS} hands:\n"
    );
    println!("| beside them | begun | p50 ms | p99 ms | most ms | p99, nothing = 1 |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let mut idle = None;
    for others in SCENES {
        let delays = play(server, *others).await?;
        let p99 = percentile(&delays, 0.99);
        let idle = *idle.get_or_insert(p99);
        println!(
            "| {} | {} | {:.0} | {p99:.0} | {:.0} | {:.2} |",
            others.name,
            delays.len(),
            percentile(&delays, 0.5),
            percentile(&delays, 1.0),
            p99 / idle
        );
    }
    Ok(())
}

/// One scene on a database of its own: the sorted delays in milliseconds.
async fn play(server: &Server, others: Others) -> Outcome<Vec<f64>> {
    let database = server.migrated("fair").await?;
    let platform = Process::platform(VIDEO, u64::MAX, "lively")?;
    let videos = format!("{}/videos", platform.said);
    let calm = Filling {
        accounts: 0..CALM,
        due: HEAD_START,
        apart: SPREAD / f64::from(u32::try_from(CALM).unwrap_or(1)),
        videos: &videos,
        ..Filling::due(CALM, CALM, Begun::No)
    };
    let trouble = Filling {
        results: OTHERS..OTHERS + others.results,
        accounts: OTHERS..OTHERS + others.accounts,
        begun: others.begun,
        videos: &videos,
        platform: others.platform,
        token: others.token,
        ..Filling::due(0, 1, Begun::No)
    };
    fill(&database, &trouble).await?;
    fill(&database, &calm).await?;
    let worker = Process::worker(&database.app_url, &platform.said, HANDS)?;
    let start = Instant::now();
    let mut delays = Vec::new();
    while delays.len() < CALM && start.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_secs(1)).await;
        delays = begun(&database).await?;
    }
    drop((worker, platform));
    server.drop(&database.name).await?;
    Ok(delays)
}

/// How late those of the calm that have begun did: `slot_at` is when a result was first claimed, `created_at`
/// when it was to be.
async fn begun(database: &Database) -> Outcome<Vec<f64>> {
    let mut owner = connect(&database.url).await?;
    Ok(sqlx::query_scalar(
        "select extract(epoch from slot_at - created_at)::float8 * 1000 from post_results
        where slot_at is not null and id < $1
        order by 1",
    )
    .bind(crate::fill::result_id(OTHERS))
    .fetch_all(&mut owner)
    .await?)
}

/// Of sorted numbers.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let most = sorted.len().saturating_sub(1);
    (0..=most)
        .find(|at| fraction(*at, most) >= share)
        .and_then(|at| sorted.get(at).copied())
        .unwrap_or(f64::NAN)
}

fn fraction(at: usize, most: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if most == 0 { 1.0 } else { number(at) / number(most) }
}
