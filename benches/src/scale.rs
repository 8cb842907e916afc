//! How throughput grows with workers that share one Postgres behind pgbouncer, and what ends the growth.

use std::time::{Duration, Instant};

use sqlx::Connection as _;

use crate::cpu;
use crate::fill::{Begun, Filling, fill};
use crate::pooler::Pooler;
use crate::server::{Database, Server, connect};
use crate::trouble::Outcome;
use crate::worker::Process;

/// Workers at once.
const WORKERS: &[usize] = &[1, 2, 5, 10, 20];
/// Due results for each of them: twenty workers share a hundred thousand.
const RESULTS: usize = 5_000;
/// Accounts that the results are of.
const ACCOUNTS: usize = 2_000;
/// The default of `WORKER_CONCURRENCY`.
const CONCURRENCY: usize = 8;
/// The pooler's connections to Postgres.
const CONNECTIONS: u32 = 20;

/// Measures each number of workers on a database of its own, and prints the curve.
pub(crate) async fn run(server: &Server) -> Outcome<()> {
    let cores = std::thread::available_parallelism()?;
    println!(
        "\nWorkers with {CONCURRENCY} slots each, and a platform that answers after 50 ms, on {cores} cores."
    );
    println!("pgbouncer in transaction mode has {CONNECTIONS} connections to Postgres.\n");
    println!(
        "| workers | results | results/s | of one worker's | Postgres, % of a core | all workers | pgbouncer |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut alone = None;
    for workers in WORKERS {
        let drained = drain(server, *workers).await?;
        let alone = *alone.get_or_insert(drained.rate);
        println!(
            "| {workers} | {} | {:.0} | {:.1} | {:.0} | {:.0} | {:.0} |",
            RESULTS * workers,
            drained.rate,
            drained.rate / alone,
            drained.postgres,
            drained.workers,
            drained.pooler
        );
    }
    Ok(())
}

/// What a run took: results a second, and percent of a core.
struct Drained {
    rate: f64,
    postgres: f64,
    workers: f64,
    pooler: f64,
}

async fn drain(server: &Server, count: usize) -> Outcome<Drained> {
    let database = server.migrated("scale").await?;
    let results = RESULTS * count;
    fill(&database, &Filling::due(results, ACCOUNTS, Begun::Yes)).await?;
    server.settle(&database).await?;
    let pooler = Pooler::start(&database.app_url, "transaction", CONNECTIONS).await.ok_or("no pgbouncer")?;
    let platform = Process::platform(1_000_000, u64::MAX, "lively")?;
    let before = (server.cpu()?, Instant::now());
    let workers: Vec<Process> = (0..count)
        .map(|_| Process::worker(&pooler.url, &platform.said, CONCURRENCY))
        .collect::<Outcome<_>>()?;
    wait(&database, results).await?;
    let wall = before.1.elapsed().as_secs_f64();
    let mut used = Duration::ZERO;
    for worker in &workers {
        used += cpu::of_process(worker.id())?;
    }
    let percent = |time: Duration| 100.0 * time.as_secs_f64() / wall;
    let drained = Drained {
        rate: f64::from(u32::try_from(results)?) / wall,
        postgres: percent(server.cpu()? - before.0),
        workers: percent(used),
        pooler: percent(cpu::of_process(pooler.process.id())?),
    };
    let polls = platform.count("polls")?;
    drop((workers, platform, pooler));
    server.drop(&database.name).await?;
    // Each result is asked about once: no worker takes what another has.
    if polls == u64::try_from(results)? {
        Ok(drained)
    } else {
        Err(format!("{polls} polls of {results}").as_str().into())
    }
}

/// Until so many results are published.
async fn wait(database: &Database, results: usize) -> Outcome<()> {
    let mut owner = connect(&database.url).await?;
    let start = Instant::now();
    loop {
        // Due results are few at the end, and their index is small.
        let is_done: bool =
            sqlx::query_scalar("select not exists (select from post_results where due_at is not null)")
                .fetch_one(&mut owner)
                .await?;
        if is_done {
            break;
        }
        if start.elapsed() > Duration::from_secs(900) {
            return Err("results are left after a quarter of an hour".into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let published: i64 = sqlx::query_scalar("select count(*) from post_results where state = 'published'")
        .fetch_one(&mut owner)
        .await?;
    owner.close().await?;
    if usize::try_from(published)? == results { Ok(()) } else { Err("not all were published".into()) }
}
