//! The same work by apalis-postgres: as many workers as there is concurrency, each fetching `batch` at once, with
//! the defaults for all else. A worker runs what it fetched one after the other and acknowledges together what
//! was finished meanwhile.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use apalis::prelude::*;
use apalis_postgres::{Config, PostgresStorage};
use futures_util::{future, stream};
use sqlx::postgres::{PgPool, PgPoolOptions};

static HANDLED: AtomicI64 = AtomicI64::new(0);

async fn trivial(_: i64) -> Result<(), BoxDynError> {
    HANDLED.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

fn say(word: &str) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{word}");
    let _ = out.flush();
}

fn hear() {
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// Until all is not only handled but noted as done.
async fn all_done(pool: &PgPool, count: i64) {
    while HANDLED.load(Ordering::Relaxed) < count {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    loop {
        let done: i64 = sqlx::query_scalar("select count(*) from apalis.jobs where status = 'Done'")
            .fetch_one(pool)
            .await
            .expect("the jobs can be counted");
        if done == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, url, concurrency, batch, count] = args.as_slice() else { panic!("url concurrency batch count") };
    let concurrency: u32 = concurrency.parse().expect("a number");
    let batch: usize = batch.parse().expect("a number");
    let count: i64 = count.parse().expect("a number");
    let pool = PgPoolOptions::new().max_connections(concurrency).connect(url).await.expect("a database");
    PostgresStorage::setup(&pool).await.expect("a schema");
    let config = Config::default().queue("trivial").batch_size(batch);
    let mut filling = PostgresStorage::<i64>::new(&pool).with_config(Config::default().queue("trivial"));
    filling.push_stream(&mut stream::iter(0..count)).await.expect("jobs");
    // Jobs are due from the second after they came.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let pool_of_all = Arc::new(pool);
    say("ready");
    hear();
    let workers = (0..concurrency).map(|number| {
        let backend = PostgresStorage::<i64>::new(&pool_of_all).with_config(config.clone());
        let worker = WorkerBuilder::new(format!("worker-{number}")).backend(backend).build(trivial);
        worker.run()
    });
    tokio::select! {
        _ = future::join_all(workers) => panic!("a worker ended"),
        () = all_done(&pool_of_all, count) => {}
    }
    say("done");
    hear();
    std::process::exit(0);
}
