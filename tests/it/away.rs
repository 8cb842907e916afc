//! A database that is away or busy: the caller gets 503 and when to try again, within a second where nothing answers.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Response, StatusCode, header};
use serde_json::{Value, json};
use social_core::web::{Arrival, Functions};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::pooler::Pooler;
use crate::world::{WORKER_SECRET, World, answer, public, read, token};

async fn call(app: &Functions, method: &str, path: &str, bearer: &str, body: Value) -> Response<Bytes> {
    let request = http::Request::builder()
        .method(method)
        .uri(format!("/api/{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {bearer}"))
        .header("idempotency-key", body["caption"].as_str().unwrap_or("any"))
        .body(if body.is_null() { Bytes::new() } else { body.to_string().into() })
        .unwrap();
    answer(app, request, Arrival::default()).await
}

/// Asserts that the caller is told when to try again.
fn is_unavailable(response: &Response<Bytes>) {
    let (status, body) = read(response);
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
    assert_eq!(body["error"]["code"], "database_unavailable");
    assert_eq!(response.headers()[header::RETRY_AFTER], "2");
}

/// Calls each function that needs the database, many at once, and asserts that each answers within a second.
async fn is_told_within_a_second(app: &Arc<Functions>) {
    let alice = token("alice");
    let began = Instant::now();
    let lists = join_all((0..30).map(|_| call(app, "GET", "social-posts", &alice, Value::Null)));
    let (lists, connect, worker, health) = tokio::join!(
        lists,
        call(app, "POST", "tiktok-connect", &alice, Value::Null),
        call(app, "POST", "social-post-worker", WORKER_SECRET, Value::Null),
        call(app, "GET", "social-health", &alice, Value::Null),
    );
    let took = began.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    lists.iter().chain([&connect, &worker]).for_each(is_unavailable);
    assert_eq!(read(&health), (StatusCode::SERVICE_UNAVAILABLE, json!({"status": "unavailable"})));
}

#[tokio::test]
async fn a_database_that_refuses_connections_is_reported_within_a_second() {
    let mut world = World::new().await;
    world.set("DATABASE_URL", "postgres://social_app@127.0.0.1:1/none?sslmode=disable");
    is_told_within_a_second(&world.app).await;
}

#[tokio::test]
async fn a_database_that_accepts_connections_and_says_nothing_is_reported_within_a_second() {
    let mut world = World::new().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    for mode in ["disable", "prefer"] {
        world.set("DATABASE_URL", &format!("postgres://social_app@127.0.0.1:{port}/none?sslmode={mode}"));
        // Virtual time: a busy machine does not count.
        tokio::time::pause();
        is_told_within_a_second(&world.app).await;
        tokio::time::resume();
    }
}

/// How many creates come at once.
const MANY: usize = 500;

/// Returns the captions of all posts, which are the numbers of their creates.
async fn posted(world: &World) -> BTreeSet<usize> {
    let captions: Vec<String> =
        sqlx::query_scalar("select caption from social_posts").fetch_all(&world.db).await.unwrap();
    let numbers: BTreeSet<usize> = captions.iter().map(|caption| caption.parse().unwrap()).collect();
    assert_eq!(numbers.len(), captions.len(), "one is doubled");
    numbers
}

/// Sends many creates at once while every connection waits for a lock. Each is made, or its caller is told to try again.
/// Then all come again with their keys, until each was made.
async fn many_creates_come_at_once(world: &World, app: &Functions) {
    let account = world.connect("alice", "demokitchen").await;
    let alice = token("alice");
    let create = async |nth: usize| {
        let results = [json!({"accountId": account, "tiktok": public()})];
        let body =
            json!({"videoUrl": "https://example.com/v.mp4", "caption": format!("{nth}"), "results": results});
        (nth, call(app, "POST", "social-posts", &alice, body).await)
    };
    let is_made = |response: &Response<Bytes>| response.status() == StatusCode::ACCEPTED;
    assert!(is_made(&create(0).await.1));
    // The connections wait for the lock; the other creates wait for a connection.
    let mut holder = world.db.begin().await.unwrap();
    sqlx::query("lock table social_posts in access exclusive mode").execute(&mut *holder).await.unwrap();
    let creates = join_all((1..MANY).map(create));
    let waits = async {
        tokio::time::pause();
        tokio::time::sleep(Duration::from_secs(6)).await;
        tokio::time::resume();
        holder.rollback().await.unwrap();
    };
    let (answers, ()) = tokio::join!(creates, waits);
    let (made, told): (Vec<_>, Vec<_>) = answers.iter().partition(|(_, answer)| is_made(answer));
    assert!(made.len() >= 2 && told.len() > MANY / 2, "{} made, {} told", made.len(), told.len());
    for (_, answer) in told {
        is_unavailable(answer);
    }
    let numbers = made.iter().map(|(nth, _)| *nth).chain([0]).collect::<BTreeSet<_>>();
    assert_eq!(posted(world).await, numbers, "exactly what was answered so");
    let id = |answer: &Response<Bytes>| read(answer).1["id"].as_str().unwrap().to_owned();
    let mut ids: HashMap<usize, String> = made.iter().map(|(nth, answer)| (*nth, id(answer))).collect();
    let mut left: Vec<usize> = (0..MANY).collect();
    while !left.is_empty() {
        world.advance(Duration::from_mins(1)).await;
        let answers = join_all(left.iter().map(|nth| create(*nth))).await;
        left.clear();
        for (nth, answer) in &answers {
            if is_made(answer) {
                let id = id(answer);
                assert_eq!(*ids.entry(*nth).or_insert_with(|| id.clone()), id, "create {nth}");
            } else {
                is_unavailable(answer);
                left.push(*nth);
            }
        }
    }
    assert_eq!(posted(world).await, (0..MANY).collect());
}

#[tokio::test]
async fn creates_that_find_every_connection_busy_are_told_to_try_again_and_none_is_lost_or_doubled() {
    let world = World::new().await;
    many_creates_come_at_once(&world, &world.app_with(2)).await;
}

#[tokio::test]
async fn creates_that_find_the_poolers_connections_busy_are_told_to_try_again_and_none_is_lost_or_doubled() {
    let mut world = World::new().await;
    let Some(pooler) = Pooler::start(world.database_url(), "transaction", 2).await else { return };
    world.set("DATABASE_URL", &pooler.url);
    many_creates_come_at_once(&world, &world.app_with(20)).await;
}
