//! What one owner, one page, one statement and one process may take.

use std::time::Duration;

use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use social_core::entropy::SystemEntropy;
use social_core::secret::DatabaseUrl;
use social_core::store::Store;
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::line::Line;
use crate::source::video;
use crate::world::{Setting, World, public, read};

const DAY: Duration = Duration::from_hours(24);

/// A request that may be made three times a minute.
async fn make(
    world: &World,
    path: &str,
    owner: &str,
    body: Option<&Value>,
) -> (StatusCode, Option<String>, Value) {
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let response = world.call(method, path, Some(owner), body.cloned()).await;
    let pause = response.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
    let (status, body) = read(&response);
    (status, pause, body)
}

#[tokio::test]
async fn an_owner_who_calls_too_often_waits_and_no_other_does() {
    let vars = ["CONNECTS_PER_MINUTE", "CREATES_PER_MINUTE", "VALIDATIONS_PER_MINUTE"];
    let vars = vars.map(|name| (name, "3".to_owned())).to_vec();
    let world = World::with(Setting { vars, ..Setting::default() }).await;
    let post = |account: &str| {
        let url = world.videos.put("v.mp4", video(100_000));
        json!({"videoUrl": url, "caption": "hello", "results": [{"accountId": account, "tiktok": public()}]})
    };
    let (alices, bobs) =
        (world.connect("alice", "demokitchen").await, world.connect("bob", "demotravel").await);
    let (alices, bobs) = (post(&alices), post(&bobs));
    world.advance(Duration::from_mins(1)).await;
    let calls = [
        ("/tiktok-connect", None, StatusCode::OK),
        ("/social-posts", Some((&alices, &bobs)), StatusCode::ACCEPTED),
        ("/social-posts/validate", Some((&alices, &bobs)), StatusCode::OK),
    ];
    for (path, bodies, good) in calls {
        let (alices, bobs) = (bodies.map(|bodies| bodies.0), bodies.map(|bodies| bodies.1));
        for _ in 0..3 {
            assert_eq!(make(&world, path, "alice", alices).await.0, good, "{path}");
        }
        let (status, pause, body) = make(&world, path, "alice", alices).await;
        assert_eq!((status, pause.as_deref()), (StatusCode::TOO_MANY_REQUESTS, Some("20")), "{path}: {body}");
        assert_eq!(
            (&body["error"]["code"], &body["error"]["retryAfter"]),
            (&json!("too_many_requests"), &json!(20)),
            "{path}"
        );
        assert_eq!(make(&world, path, "bob", bobs).await.0, good, "{path}");
        world.advance(Duration::from_secs(20)).await;
        assert_eq!(make(&world, path, "alice", alices).await.0, good, "{path}");
        assert_eq!(make(&world, path, "alice", alices).await.0, StatusCode::TOO_MANY_REQUESTS, "{path}");
        world.advance(Duration::from_mins(1)).await;
    }
    assert_eq!(world.scalar("select count(*) from owner_rates").await, 6);
    world.advance(DAY).await;
    world.app.publisher.flow.store.sweep(None).await.unwrap();
    assert_eq!(world.scalar("select count(*) from owner_rates").await, 0);
}

#[tokio::test]
async fn counting_an_owners_calls_costs_no_round_trip() {
    let mut world = World::new().await;
    let (line, url) = Line::start(world.database_url());
    world.set("DATABASE_URL", &url);
    world.get("/tiktok-connect", "alice").await;
    line.take();
    assert_eq!(world.get("/tiktok-connect", "alice").await.0, StatusCode::OK);
    assert_eq!(line.take(), (1, 1));
}

#[tokio::test]
async fn a_page_of_long_posts_ends_early_and_the_next_continues() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(100_000));
    for _ in 0..5 {
        world.advance(Duration::from_secs(1)).await;
        world.publish("alice", &account, &url, public()).await;
    }
    world.execute("update social_posts set caption = repeat('\"', 450000)").await;
    let (mut seen, mut pages, mut query) = (Vec::new(), Vec::new(), String::new());
    loop {
        let response =
            world.call(Method::GET, &format!("/social-posts?limit=100{query}"), Some("alice"), None).await;
        // As Lambda returns it: a string in JSON.
        let sent = Value::String(String::from_utf8(response.body().to_vec()).unwrap()).to_string();
        assert!(sent.len() < 6_000_000, "{} bytes", sent.len());
        let (_, page) = read(&response);
        let posts = page["posts"].as_array().unwrap();
        pages.push(posts.len());
        seen.extend(posts.iter().map(|post| post["id"].clone()));
        let Some(next) = page["nextCursor"].as_str() else { break };
        query = format!("&cursor={next}");
    }
    assert_eq!(pages, [2, 2, 1]);
    seen.dedup();
    assert_eq!(seen.len(), 5);
    world.execute("update social_posts set caption = repeat('x', 3000000)").await;
    let (_, page) = world.get("/social-posts", "alice").await;
    assert_eq!(page["posts"].as_array().unwrap().len(), 1, "a page is never empty");
}

#[tokio::test]
async fn old_rows_are_deleted_in_batches() {
    let world = World::new().await;
    world
        .execute(
            "insert into oauth_states (id, state_hash, owner_id, platform, redirect_uri, cookie_hash, return_to, expires_at)
            select gen_random_uuid(), sha256(n::text::bytea), 'alice', 'tiktok', 'x', sha256('c'), '/',
                social_now() - interval '2 days'
            from generate_series(1, 2500) n",
        )
        .await;
    let store = &world.app.publisher.flow.store;
    for (more, left) in [(true, 1500), (true, 500), (false, 0)] {
        assert_eq!(store.sweep(None).await.unwrap(), more);
        assert_eq!(world.scalar("select count(*) from oauth_states").await, left);
    }
}

#[tokio::test]
async fn posts_that_are_over_are_kept_until_the_operator_says_otherwise() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    let later = world.publish("alice", &account, &url, public()).await;
    world.execute("update post_results set due_at = due_at + interval '1 year' where state = 'queued'").await;
    world.advance(DAY * 31).await;
    let store = &world.app.publisher.flow.store;
    store.sweep(None).await.unwrap();
    store.sweep(Some(DAY * 60)).await.unwrap();
    assert_eq!(world.scalar("select count(*) from social_posts").await, 2);
    assert!(world.scalar("select count(*) from publish_attempts").await > 0);
    store.sweep(Some(DAY * 30)).await.unwrap();
    assert_eq!(world.result("alice", &later).await["state"], "queued");
    assert_eq!(world.scalar("select count(*) from social_posts").await, 1);
    assert_eq!(world.scalar("select count(*) from publish_attempts").await, 0);
}

/// A store over another URL.
fn store(url: String) -> Store {
    let keys = social_core::vault::KeyRing::parse("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").unwrap();
    let entropy = std::sync::Arc::new(SystemEntropy);
    let vault = social_core::vault::Vault::new(std::sync::Arc::new(keys), entropy.clone());
    let clock = std::sync::Arc::new(social_core::clock::SystemClock);
    Store::connect_lazy(&DatabaseUrl::new(url), 1, vault, clock, entropy).unwrap()
}

/// The same URL with a limit of the session.
fn with_limit(url: &str, limit: &str) -> String {
    let mut url = url::Url::parse(url).unwrap();
    url.query_pairs_mut().append_pair("options", &format!("-c {limit}"));
    url.into()
}

#[tokio::test]
async fn the_role_of_the_docs_has_every_limit_and_a_role_without_them_is_found() {
    let world = World::new().await;
    assert!(world.app.publisher.flow.store.missing_timeouts().await.unwrap().is_empty());
    let unlimited = with_limit(world.database_url(), "statement_timeout=0");
    assert_eq!(store(unlimited).missing_timeouts().await.unwrap(), ["statement_timeout"]);
}

#[tokio::test]
async fn a_process_that_freezes_inside_a_transaction_does_not_keep_its_rows() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = with_limit(world.database_url(), "idle_in_transaction_session_timeout=300ms");
    let mut frozen = PgConnection::connect(&url).await.unwrap();
    frozen.execute("begin").await.unwrap();
    frozen.execute("set local social.worker = 'on'").await.unwrap();
    frozen.execute("update social_accounts set updated_at = now()").await.unwrap();
    // The product waits for the row, and gets it once Postgres has ended the frozen session.
    let path = format!("/social-accounts/{account}");
    let gone = world.call(Method::DELETE, &path, Some("alice"), None).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert!(frozen.execute("commit").await.is_err());
}

#[tokio::test]
async fn a_call_that_waits_for_a_locked_table_is_told_to_come_again() {
    let mut world = World::new().await;
    let url = with_limit(world.database_url(), "lock_timeout=200ms");
    world.set("DATABASE_URL", &url);
    let mut tx = world.db.begin().await.unwrap();
    tx.execute("lock table social_accounts in access exclusive mode").await.unwrap();
    let (status, pause, body) = make(&world, "/social-accounts", "alice", None).await;
    assert_eq!((status, pause.is_some()), (StatusCode::SERVICE_UNAVAILABLE, true), "{body}");
    tx.rollback().await.unwrap();
    assert_eq!(make(&world, "/social-accounts", "alice", None).await.0, StatusCode::OK);
}
