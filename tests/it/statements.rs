//! What a published post costs the database: round trips, counted on the wire and held.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use url::Url;

use crate::source::video;
use crate::world::{Setting, World, public};

/// Stands between us and Postgres, and counts what we say.
struct Counter {
    round_trips: Arc<AtomicU64>,
    statements: Arc<AtomicU64>,
    folder: PathBuf,
}

impl Counter {
    /// Listens in a folder of its own. Returns itself with the URL that leads through it.
    fn start(url: &str) -> (Self, String) {
        let mut url = Url::parse(url).unwrap();
        let socket = url.query_pairs().find(|(name, _)| name == "host").unwrap().1.into_owned();
        let folder = std::env::temp_dir().join(format!("wire-{}", url.path().trim_start_matches('/')));
        std::fs::create_dir(&folder).unwrap();
        url.query_pairs_mut()
            .clear()
            .append_pair("host", folder.to_str().unwrap())
            .append_pair("sslmode", "disable");
        let counter = Self { round_trips: Arc::default(), statements: Arc::default(), folder };
        let listener = UnixListener::bind(counter.folder.join(".s.PGSQL.5432")).unwrap();
        let counts = (Arc::clone(&counter.round_trips), Arc::clone(&counter.statements));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(PathBuf::from(&socket).join(".s.PGSQL.5432")).await.unwrap();
                tokio::spawn(pass(client, server, counts.clone()));
            }
        });
        (counter, url.into())
    }

    /// Round trips and executed statements since the last look.
    fn take(&self) -> (u64, u64) {
        (self.round_trips.swap(0, Ordering::SeqCst), self.statements.swap(0, Ordering::SeqCst))
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Passes both ways, and looks at each message of ours: `Q` is a query of its own, `E` executes one, `S` ends what
/// was sent together (`PostgreSQL` protocol 3.0, "Message formats").
async fn pass(client: UnixStream, server: UnixStream, counts: (Arc<AtomicU64>, Arc<AtomicU64>)) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut started = false;
    loop {
        let mut head = [0_u8; 5];
        // The start-up message alone has no type.
        let from = usize::from(!started);
        if from_client.read_exact(&mut head[from..]).await.is_err() {
            return;
        }
        let length = u32::from_be_bytes(head[1..].try_into().unwrap());
        let mut body = vec![0; usize::try_from(length).unwrap() - 4];
        if from_client.read_exact(&mut body).await.is_err() {
            return;
        }
        if started {
            match head[0] {
                b'Q' => {
                    // `begin` and what it carries travel together, and so count as they cost.
                    counts.0.fetch_add(1, Ordering::SeqCst);
                    let text = String::from_utf8_lossy(&body);
                    let parts = text.trim_end_matches('\0').split(';').filter(|part| !part.trim().is_empty());
                    counts.1.fetch_add(u64::try_from(parts.count()).unwrap(), Ordering::SeqCst);
                }
                b'S' => drop(counts.0.fetch_add(1, Ordering::SeqCst)),
                b'E' => drop(counts.1.fetch_add(1, Ordering::SeqCst)),
                _ => {}
            }
        }
        started = true;
        if to_server.write_all(&head[from..]).await.is_err() || to_server.write_all(&body).await.is_err() {
            return;
        }
    }
}

/// Publishes `posts` posts, each to an account of its own, and returns what that cost per post, idle looks apart.
async fn cost(posts: u32, kept_plans: bool) -> (f64, f64) {
    // A source in no time: no post goes into a second slice.
    let mut world = World::with(Setting { source: Some(1e12), ..Setting::default() }).await;
    world.without_limits();
    let (counter, mut url) = Counter::start(world.database_url());
    if kept_plans {
        url.push_str("&statement-cache-capacity=100");
    }
    let video = world.videos.put("v.mp4", video(1_000_000));
    for at in 0..posts {
        let account = world.connect("alice", &format!("creator{at}")).await;
        world.publish("alice", &account, &video, public()).await;
    }
    world.set("DATABASE_URL", &url);
    world.set("WORKER_CONCURRENCY", "50");
    // What an invocation costs that finds nothing to do; the first also opens connections and keeps plans.
    world.execute("update post_results set due_at = due_at + interval '1 day'").await;
    world.work().await;
    counter.take();
    // The least of three: one in 64 also tidies up.
    let mut idle = (u64::MAX, u64::MAX);
    for _ in 0..3 {
        world.work().await;
        let cost = counter.take();
        idle = (idle.0.min(cost.0), idle.1.min(cost.1));
    }
    world.execute("update post_results set due_at = due_at - interval '1 day'").await;
    let (mut round_trips, mut statements, mut invocations) = (0, 0, 0);
    while world.scalar("select count(*) from post_results where state <> 'published'").await > 0 {
        world.work().await;
        let cost = counter.take();
        round_trips += cost.0;
        statements += cost.1;
        invocations += 1;
        assert!(invocations < 20, "it gets nowhere");
        world.advance(std::time::Duration::from_secs(5)).await;
    }
    let per_post =
        |all: u64, idle: u64| f64::from(u32::try_from(all - idle * invocations).unwrap()) / f64::from(posts);
    (per_post(round_trips, idle.0), per_post(statements, idle.1))
}

/// The same twice, and the lesser of each: one invocation in 64 also tidies up, which is not the post's.
async fn least_cost(posts: u32, kept_plans: bool) -> (f64, f64) {
    let (one, other) = (cost(posts, kept_plans).await, cost(posts, kept_plans).await);
    (one.0.min(other.0), one.1.min(other.1))
}

/// The figures, and what each round trip is for, are in docs/performance.md. A busy machine may take another look at
/// the queue, and batch less: some slack is for that.
#[tokio::test]
async fn a_published_post_costs_so_many_round_trips_and_no_more() {
    let (alone, statements) = least_cost(1, false).await;
    assert!(alone <= 70.0 && statements <= 42.0, "alone: {alone} round trips, {statements} statements");
    let (kept, statements) = least_cost(1, true).await;
    assert!(
        kept <= 56.0 && statements <= 32.0,
        "with plans kept: {kept} round trips, {statements} statements"
    );
    let (together, statements) = least_cost(50, false).await;
    assert!(
        together <= 15.0 && statements <= 10.0,
        "of fifty: {together} round trips, {statements} statements"
    );
}
