//! Two cells: two databases with a fleet each, and an owner who moves from one to the other.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, header};
use serde_json::{Value, json};
use social_core::web::{Arrival, Functions};
use sqlx::PgPool;
use tokio::process::Command;

use crate::database::{Database, as_owner};
use crate::source::video;
use crate::world::{World, answer, public, read, token, work_with};

/// The other cell, over the platforms and the clock of a world.
struct Cell {
    app: Arc<Functions>,
    db: PgPool,
    database: Database,
}

impl Cell {
    async fn beside(world: &World) -> Self {
        let database = Database::create();
        let db = PgPool::connect(&database.url()).await.unwrap();
        sqlx::query("update test_clock set at = $1").bind(world.now()).execute(&db).await.unwrap();
        Self { app: world.app_on(&database.app_url()), db, database }
    }

    async fn posts_of(&self, owner: &str) -> Value {
        posts_of(&self.app, owner).await
    }
}

async fn posts_of(app: &Functions, owner: &str) -> Value {
    let request = http::Request::get("/.netlify/functions/social-posts")
        .header(header::AUTHORIZATION, format!("Bearer {}", token(owner)))
        .body(Bytes::new())
        .unwrap();
    let (status, list) = read(&answer(app, request, Arrival::default()).await);
    assert_eq!(status, StatusCode::OK, "{list}");
    list["posts"].clone()
}

/// Runs the script. Returns what it complains of, if it fails.
async fn move_owner(arguments: &[&str]) -> Result<(), String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/move-owner");
    let done = Command::new(script).args(arguments).output().await.unwrap();
    let complaint = String::from_utf8(done.stderr).unwrap();
    if done.status.success() { Ok(()) } else { Err(complaint) }
}

/// Lets both fleets work, and time pass, until nothing is due in either cell.
async fn run_both(world: &World, cell: &Cell) {
    for _ in 0..200 {
        world.work().await;
        work_with(&cell.app).await;
        let due = "select count(*) from post_results where due_at is not null";
        let left: i64 = sqlx::query_scalar(due).fetch_one(&cell.db).await.unwrap();
        if left + world.scalar(due).await == 0 {
            return;
        }
        let by = Duration::from_mins(1);
        world.advance(by).await;
        sqlx::query("update test_clock set at = $1").bind(world.now()).execute(&cell.db).await.unwrap();
    }
    panic!("something is stuck");
}

#[tokio::test]
async fn an_owner_moves_to_another_cell_and_each_post_goes_on_there_once() {
    let world = World::new().await;
    world.without_limits();
    let url = world.videos.put("v.mp4", video(30_000_000));
    let (alice, bob) = (world.connect("alice", "demokitchen").await, world.connect("bob", "bakery").await);
    // One is over, one is under way, one waits; and another owner's waits too.
    let over = world.publish("alice", &alice, &url, public()).await;
    world.run_to_the_end().await;
    let under_way = world.publish("alice", &alice, &url, public()).await;
    world.work().await;
    let waiting = world.publish("alice", &alice, &url, public()).await;
    world.publish("bob", &bob, &url, public()).await;
    assert_ne!(world.result("alice", &under_way).await["state"], "queued");

    let cell = Cell::beside(&world).await;
    let (from, to) = (as_owner(world.database_url()), as_owner(&cell.database.url()));
    let folder = std::env::temp_dir().join(cell.database.name());
    let folder = |name: &str| folder.with_extension(name).to_str().unwrap().to_owned();
    world.execute("update post_results set lease_token = gen_random_uuid() where state = 'queued'").await;
    let refused = move_owner(&["export", &from, "alice", &folder("leased")]).await.unwrap_err();
    assert!(refused.contains("Wait until no result of the owner is leased"), "{refused}");
    assert_eq!(posts_of(&world.app, "alice").await.as_array().unwrap().len(), 3, "nothing was moved");
    world.execute("update post_results set lease_token = null").await;
    move_owner(&["export", &from, "alice", &folder("rows")]).await.unwrap();
    move_owner(&["import", &folder("rows"), &to]).await.unwrap();
    let twice = move_owner(&["import", &folder("rows"), &to]).await.unwrap_err();
    assert!(twice.contains("duplicate key"), "{twice}");
    assert_eq!(posts_of(&world.app, "alice").await, json!([]));

    run_both(&world, &cell).await;
    let moved = cell.posts_of("alice").await;
    let states: Vec<_> = moved.as_array().unwrap().iter().map(|post| (&post["id"], &post["state"])).collect();
    for post in [&over, &under_way, &waiting] {
        assert!(states.contains(&(&json!(post), &json!("published"))), "{states:?}");
    }
    assert_eq!(states.len(), 3);
    assert_eq!(posts_of(&world.app, "bob").await[0]["state"], "published");
    assert_eq!(world.sandbox.tiktok().published().len(), 4, "each once");
    for name in ["leased", "rows"] {
        std::fs::remove_dir_all(folder(name)).unwrap();
    }
}
