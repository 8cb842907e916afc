//! The queue: no result is leased twice, and no owner blocks another.

use std::collections::HashMap;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::crash::about_to_publish;
use crate::fairness::pile_up;
use crate::source::video;
use crate::stand_in;
use crate::wire::Freeze;
use crate::world::{Setting, World, public, work_with};

/// Runs all workers at once, and lets time pass, until nothing is in progress.
async fn run_all(world: &World, workers: usize) {
    let apps: Vec<_> = (0..workers).map(|_| world.another_app()).collect();
    for _ in 0..400 {
        futures_util::future::join_all(apps.iter().map(|app| work_with(app))).await;
        if world.scalar("select count(*) from post_results where due_at is not null").await == 0 {
            return;
        }
        world.advance(Duration::from_secs(5)).await;
    }
    panic!("something is stuck");
}

#[tokio::test]
async fn three_workers_publish_each_of_many_posts_once() {
    let world = World::new().await;
    world.without_limits();
    let url = world.videos.put("v.mp4", video(200_000));
    let mut accounts = Vec::new();
    for at in 0..5 {
        accounts.push(world.connect("alice", &format!("creator{at}")).await);
    }
    for _ in 0..8 {
        let results: Vec<_> =
            accounts.iter().map(|account| json!({"accountId": account, "tiktok": public()})).collect();
        world
            .post("/social-posts", "alice", json!({"videoUrl": url, "caption": "x", "results": results}))
            .await;
    }
    run_all(&world, 3).await;
    assert_eq!(world.scalar("select count(*) from post_results where state = 'published'").await, 40);
    let mut per_account = HashMap::new();
    for published in world.sandbox.tiktok().published() {
        *per_account.entry(published.username).or_insert(0) += 1;
    }
    assert_eq!(per_account.len(), 5);
    assert!(per_account.values().all(|count| *count == 8), "{per_account:?}");
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 40);
}

#[tokio::test]
async fn two_workers_at_one_post_publish_it_once_on_every_platform() {
    for stand_in in stand_in::all() {
        for way in stand_in.ways() {
            let (world, post, _) = about_to_publish(stand_in, &way, 1_000_000).await;
            let (one, other) = (world.another_app(), world.another_app());
            for _ in 0..6 {
                futures_util::future::join(Box::pin(work_with(&one)), Box::pin(work_with(&other))).await;
                world.advance(Duration::from_secs(5)).await;
            }
            world.run_to_the_end().await;
            let what = format!("{} {}", stand_in.platform(), way.options);
            assert_eq!(stand_in.published(&world.sandbox).len(), 1, "{what}");
            assert!(stand_in.beginnings(&world.sandbox) <= 1, "{what}");
            let state = world.result("alice", &post).await["state"].clone();
            assert!(state == "published" || state == "deliveredToInbox", "{what}: {state}");
        }
    }
}

#[tokio::test]
async fn the_beginnings_of_one_account_keep_tiktoks_pace() {
    let world = World::new().await;
    world.post_often(10).await;
    run_all(&world, 2).await;
    assert_eq!(world.sandbox.tiktok().published().len(), 10);
    // The strict simulator rejects the seventh init of a minute.
    assert_eq!(world.scalar("select count(*) from publish_attempts where http_status = 429").await, 0);
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 10);
}

#[tokio::test]
async fn a_row_that_cannot_be_decrypted_waits_and_stops_no_other() {
    let world = World::new().await;
    let broken = world.connect("alice", "broken").await;
    let sound = world.connect("bob", "sound").await;
    let url = world.videos.put("v.mp4", video(200_000));
    let waits = world.publish("alice", &broken, &url, public()).await;
    let goes = world.publish("bob", &sound, &url, public()).await;
    world.execute("update social_accounts set access_token = replace(access_token, 'v2.k1.', 'v2.gone.') where username = 'broken'").await;
    world.work().await;
    assert_eq!(world.result("bob", &goes).await["state"], "processing");
    for _ in 0..12 {
        world.advance(Duration::from_secs(301)).await;
        world.work().await;
    }
    assert_eq!(world.result("alice", &waits).await["state"], "queued", "waiting for a key is not failing");
    world.execute("update social_accounts set access_token = replace(access_token, 'v2.gone.', 'v2.k1.') where username = 'broken'").await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &waits).await["state"], "published");
}

#[tokio::test]
async fn a_lease_that_was_lost_saves_nothing() {
    let world = World::new().await;
    let post = world.posted("demokitchen", video(200_000), public()).await;
    // Cancelled while the init is in flight: the response reaches a worker that has lost its lease.
    let worker = world.frozen_worker(2, Freeze::AfterTheCall).await;
    let (status, cancelled) = world.post(&format!("/social-posts/{post}/cancel"), "alice", json!({})).await;
    assert_eq!((status.as_u16(), &cancelled["state"]), (200, &json!("cancelled")));
    world.wire.let_go();
    assert_eq!(worker.await.unwrap()["lost"], 1);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "cancelled");
    assert!(world.sandbox.tiktok().published().is_empty());
}

#[tokio::test]
async fn row_level_security_is_a_second_fence() {
    let world = World::new().await;
    world.connect("alice", "demokitchen").await;
    world.execute("do $$ begin if not exists (select from pg_roles where rolname = 'fenced') then create role fenced; end if; end $$").await;
    world.execute("grant select, update on all tables in schema public to fenced").await;
    let mut tx = world.db.begin().await.unwrap();
    sqlx::query("set local role fenced").execute(&mut *tx).await.unwrap();
    let mut seen = Vec::new();
    for setting in [
        "select 1",
        "select set_config('social.owner', 'bob', true)",
        "select set_config('social.owner', 'alice', true)",
    ] {
        sqlx::query(setting).execute(&mut *tx).await.unwrap();
        seen.push(
            sqlx::query_scalar::<_, i64>("select count(*) from social_accounts")
                .fetch_one(&mut *tx)
                .await
                .unwrap(),
        );
    }
    assert_eq!(seen, [0, 0, 1]);
    sqlx::query("select set_config('social.owner', 'bob', true)").execute(&mut *tx).await.unwrap();
    let touched =
        sqlx::query("update social_accounts set username = 'bobs'").execute(&mut *tx).await.unwrap();
    assert_eq!(touched.rows_affected(), 0);
    let planted = sqlx::query("update social_accounts set owner_id = 'bob'").execute(&mut *tx).await.unwrap();
    assert_eq!(planted.rows_affected(), 0);
}

#[tokio::test]
async fn a_new_connection_waits_for_no_earlier_start_slots() {
    let world = World::new().await;
    let account = world.post_often(30).await;
    world.work().await;
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 1, "the others have turns, for five minutes");
    let path = format!("/social-accounts/{account}");
    let gone = world.call(Method::DELETE, &path, Some("alice"), None).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    world.connect("alice", "demokitchen").await;
    for turn in 2..=4 {
        world.advance(Duration::from_secs(11)).await;
        world.work().await;
        assert_eq!(world.sandbox.tiktok().calls("video_init"), turn);
    }
}

/// Rows of results that this connection has read. It does not forget at once what earlier transactions read.
async fn rows_read(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'post_results'",
    )
    .fetch_one(connection)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_save_and_a_mark_read_no_rows_but_their_own() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(200_000));
    world.publish("alice", &account, &url, public()).await;
    pile_up(&world, &account, 3_000).await;
    // In the order of their ids, as they are created in production, and with statistics.
    world.execute("cluster post_results using post_results_pkey").await;
    world.execute("analyze post_results").await;
    let id: Uuid = sqlx::query_scalar("select id from post_results order by due_at limit 1")
        .fetch_one(&world.db)
        .await
        .unwrap();
    let calls = [
        (
            "save_steps",
            "save_steps(json_build_array(json_build_object('id', $1, 'lease', $1, 'save', $1)), '[]', '{}', '{}', array[$1])",
        ),
        ("mark_in_flight", "mark_in_flight(array[$1], array[$1], array['poll'], array['x'])"),
    ];
    for (name, call) in calls {
        let mut tx = world.db.begin().await.unwrap();
        sqlx::query("set local role social_app").execute(&mut *tx).await.unwrap();
        let before = rows_read(&mut tx).await;
        let saved =
            sqlx::query(AssertSqlSafe(format!("select {call}"))).bind(id).fetch_all(&mut *tx).await.unwrap();
        assert!(saved.is_empty(), "{name}: the lease is another's");
        let read = rows_read(&mut tx).await - before;
        assert!((1..=3).contains(&read), "{name} read {read} rows");
    }
}

/// Several step runs end at once and are saved with the next claim, and Postgres declines one of them.
#[tokio::test]
async fn a_save_that_postgres_declines_stops_no_other_save_and_no_claim() {
    for slots in ["1", "5"] {
        let mut world = World::with(Setting { source: Some(1e12), ..Setting::default() }).await;
        world.without_limits();
        world.set("WORKER_CONCURRENCY", slots);
        let url = world.videos.put("v.mp4", video(200_000));
        let mut posts = Vec::new();
        for at in 0..6 {
            let account = world.connect("alice", &format!("creator{at}")).await;
            posts.push(world.publish("alice", &account, &url, public()).await);
        }
        world
            .execute(
                "create function decline() returns trigger language plpgsql as $$ begin
                    raise exception 'an odd row' using errcode = 'check_violation';
                end $$",
            )
            .await;
        world
            .execute(&format!(
                "create trigger decline before update on post_results for each row
                when (old.post_id = '{}' and old.lease_token is not null and new.lease_token is null)
                execute function decline()",
                posts[1]
            ))
            .await;
        for _ in 0..8 {
            assert!(world.work().await["leased"].is_u64());
            world.advance(Duration::from_secs(5)).await;
        }
        let published = "select count(*) from post_results where state = 'published'";
        assert_eq!(world.scalar(published).await, 5, "in {slots} slots");
        world.execute("drop trigger decline on post_results").await;
        world.run_to_the_end().await;
        assert_eq!(world.scalar(published).await, 6, "in {slots} slots");
        assert_eq!(stand_in::of("tiktok").published(&world.sandbox).len(), 6, "in {slots} slots");
    }
}
