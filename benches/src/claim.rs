//! What a claim costs, by how much else lies in the tables: the real statements, as the server timed them.

use std::time::{Duration, Instant};

use social_core::store::Reach;
use sqlx::{AssertSqlSafe, Executor as _};

use crate::explained::{self, Statement};
use crate::fill::{self, Begun, Filling, fill};
use crate::ours::room;
use crate::server::{Database, Server, connect};
use crate::trouble::Outcome;

/// What else lies there.
#[derive(Debug, Clone, Copy)]
struct Stage {
    finished: u32,
    waiting: u32,
}

const STAGES: &[Stage] = &[
    Stage { finished: 0, waiting: 0 },
    Stage { finished: 0, waiting: 100_000 },
    Stage { finished: 1_000_000, waiting: 0 },
    Stage { finished: 5_000_000, waiting: 0 },
    Stage { finished: 5_000_000, waiting: 100_000 },
];

const CLAIMS: usize = 200;
const AT_ONCE: usize = 10;
/// Numbers that no filled result has.
const WAITING_FROM: usize = 10_000_000;

/// What a claim of one kind took.
#[derive(Debug, Clone)]
struct Cost {
    server: Duration,
    pages: f64,
    call: Duration,
}

/// Runs all stages up to `most` finished rows, prints the table and one plan of each statement.
pub(crate) async fn run(server: &Server, most: u32) -> Outcome<()> {
    let database = server.migrated("claims").await?;
    let mut owner = connect(&database.url).await?;
    for setting in [
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_analyze = on",
        "auto_explain.log_buffers = on",
        "auto_explain.log_timing = off",
        // What the functions say within.
        "auto_explain.log_nested_statements = on",
    ] {
        owner.execute(AssertSqlSafe(format!("alter database {} set {setting}", database.name))).await?;
    }
    println!(
        "\nClaims of {AT_ONCE}, medians of {CLAIMS}; server: execution alone; call: all of `lease_due`, as its caller waits.\n"
    );
    println!("| finished rows | waiting rows | kind | server µs | ratio | pages | ratio | call µs |");
    println!("| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |");
    let mut first: [Option<Cost>; 2] = [None, None];
    let mut plans = Vec::new();
    let mut finished = 0;
    for stage in STAGES.iter().filter(|stage| stage.finished <= most) {
        finish(&database, finished, stage.finished).await?;
        finished = stage.finished;
        for ((kind, begun), first) in
            [("under way", Begun::Yes), ("to begin", Begun::No)].into_iter().zip(&mut first)
        {
            wait(&database, stage.waiting).await?;
            fill(&database, &Filling::due(CLAIMS * AT_ONCE, CLAIMS * AT_ONCE, begun)).await?;
            server.settle(&database).await?;
            let (cost, statements) = measure(&database).await?;
            let first = first.get_or_insert_with(|| cost.clone());
            println!(
                "| {} | {} | {kind} | {:.0} | {:.2} | {:.0} | {:.2} | {:.0} |",
                stage.finished,
                stage.waiting,
                micros(cost.server),
                micros(cost.server) / micros(first.server),
                cost.pages,
                cost.pages / first.pages,
                micros(cost.call)
            );
            plans = explained::kinds(&statements);
            owner.execute("delete from post_results where due_at is not null").await?;
        }
    }
    println!("\nThe statements' plans at the last stage:\n");
    for (text, plan) in plans {
        println!("```\n{text}\n\n{plan}\n```\n");
    }
    owner.execute("select 1").await?;
    server.drop(&database.name).await
}

async fn measure(database: &Database) -> Outcome<(Cost, Vec<Statement>)> {
    let store = fill::store(&database.app_url, 1)?;
    store.pulse().await?;
    let log = explained::log(database).await?;
    let mut calls = Vec::new();
    let mut claimed = 0;
    for _ in 0..CLAIMS {
        let start = Instant::now();
        claimed += store
            .lease_due(Reach::Everything, &room(AT_ONCE), AT_ONCE, Duration::from_secs(3600))
            .await?
            .leased
            .len();
        calls.push(start.elapsed());
    }
    if claimed != CLAIMS * AT_ONCE {
        return Err(format!("{claimed} claimed").as_str().into());
    }
    store.close();
    let statements = log.since()?;
    calls.sort();
    let call = calls.get(calls.len() / 2).copied().unwrap_or_default();
    let (server, pages) = explained::medians(&statements);
    Ok((Cost { server, pages, call }, statements))
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// Published results, with their posts, from one number to another.
async fn finish(database: &Database, from: u32, to: u32) -> Outcome<()> {
    fill(database, &Filling::due(0, 1000, Begun::Yes)).await?;
    let mut owner = connect(&database.url).await?;
    // What refers to what is known to be there.
    owner.execute("set session_replication_role = replica").await?;
    let mut at = from;
    while at < to {
        let end = (at + 250_000).min(to);
        sqlx::query(
            "with numbers as (
                select i, ('01800000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid as id from generate_series($1, $2 - 1) i
            ), posts as (
                insert into social_posts (id, owner_id, video_url, caption, publish_at, created_at, updated_at)
                select id, 'owner-' || i % 1000 % 100, 'https://videos.example.com/kitchen/' || id || '.mp4',
                    'A caption of the usual length #with #tags', now(), now(), now()
                from numbers
            )
            insert into post_results (id, post_id, owner_id, account_id, platform, options, state, slot_at, publish_id,
                platform_post_id, published_at, created_at, updated_at)
            select n.id, n.id, a.owner_id, a.id, 'tiktok', '{\"privacy_level\":\"SELF_ONLY\"}', 'published', now(),
                'v_pub_file~v2-1.' || n.i, '75' || n.i, now(), now(), now()
            from numbers n join (
                select row_number() over (order by id) - 1 as place, id, owner_id from social_accounts order by id limit 1000
            ) a on a.place = n.i % 1000",
        )
        .bind(i32::try_from(at).unwrap_or_default())
        .bind(i32::try_from(end).unwrap_or_default())
        .execute(&mut owner)
        .await?;
        at = end;
        eprintln!("{at} finished rows");
    }
    Ok(())
}

/// Results that are due tomorrow.
async fn wait(database: &Database, waiting: u32) -> Outcome<()> {
    let count = usize::try_from(waiting).unwrap_or_default();
    let filling = Filling {
        results: WAITING_FROM..WAITING_FROM + count,
        due: 86_400.0,
        ..Filling::due(0, 1000, Begun::No)
    };
    let mut owner = connect(&database.url).await?;
    owner.execute("delete from social_posts where id >= '01900002-0000-7000-8000-000000000000'").await?;
    if count == 0 { Ok(()) } else { fill(database, &filling).await }
}
