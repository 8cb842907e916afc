//! Fairness: one owner's queue, failure or broken row never delays another's posts.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use social_core::model::AccountId;
use social_core::store::{Leased, Reach, Room};
use social_sandbox::{Fault, FaultKind};

use crate::source::video;
use crate::world::{World, public, tiktok_id};

/// Creates `count` more posts for an account, as many requests would. All are overdue, at different times.
pub(crate) async fn pile_up(world: &World, account: &str, count: u32) {
    let sql = format!(
        "with made as (
            insert into social_posts (id, owner_id, video_url, caption, publish_at, video, created_at, updated_at)
            select gen_random_uuid(), p.owner_id, p.video_url, 'pile ' || n, social_now() - make_interval(secs => n), p.video,
                social_now(), social_now()
            from social_posts p, generate_series(1, {count}) n
            where p.id = (select post_id from post_results where account_id = '{account}' limit 1)
            returning id, owner_id, publish_at
        )
        insert into post_results
            (id, post_id, owner_id, account_id, platform, options, state, due_at, created_at, updated_at)
        select gen_random_uuid(), made.id, made.owner_id, a.id, a.platform, '{{\"privacy_level\": \"PUBLIC_TO_EVERYONE\"}}',
            'queued', made.publish_at, social_now(), social_now()
        from made, social_accounts a where a.id = '{account}'"
    );
    world.execute(&sql).await;
}

/// Connects alice's account, with so many due results and one more, and bob's. Returns both, and a video's URL.
async fn busy_beside_calm(world: &World, count: u32) -> (String, String, String) {
    let busy = world.connect("alice", "busy").await;
    let calm = world.connect("bob", "calm").await;
    let url = world.videos.put("v.mp4", video(200_000));
    world.publish("alice", &busy, &url, public()).await;
    pile_up(world, &busy, count).await;
    (busy, calm, url)
}

#[tokio::test]
async fn ten_thousand_due_results_of_one_account_delay_no_other() {
    let world = World::new().await;
    world.without_limits();
    let (_, calm, url) = busy_beside_calm(&world, 10_000).await;
    // The calm owner's post is due after all of them.
    let post = world.publish("bob", &calm, &url, public()).await;
    world.work().await;
    let report = world.work().await;
    assert_eq!(world.result("bob", &post).await["state"], "processing", "{report}");
    let begun = "select count(*) from post_results where state = 'processing' and owner_id = 'alice'";
    assert_eq!(world.scalar(begun).await, 1, "one at a time, eleven seconds apart");
    let turns =
        "select count(distinct due_at) from post_results where owner_id = 'alice' and state = 'queued'";
    assert_eq!(world.scalar(turns).await, 10_000, "and each of the others has its turn");
    world.advance(Duration::from_secs(11)).await;
    world.work().await;
    assert_eq!(world.scalar(&begun.replace("= 'processing'", "in ('processing', 'published')")).await, 2);
}

#[tokio::test]
async fn a_burst_of_many_accounts_is_worked_off_and_each_is_published_once() {
    let world = World::new().await;
    world.without_limits();
    let url = world.videos.put("v.mp4", video(200_000));
    let mut posts = Vec::new();
    for at in 0..30 {
        let account = world.connect("alice", &format!("creator{at}")).await;
        let body = json!({"videoUrl": url, "caption": format!("burst {at}"), "publishAt": "2026-12-01T13:00:00Z",
            "results": [{"accountId": account, "tiktok": public()}]});
        posts.push(world.post("/social-posts", "alice", body).await.1["id"].as_str().unwrap().to_owned());
    }
    world.advance(Duration::from_hours(1)).await;
    world.work().await;
    let report = world.work().await;
    assert_eq!(world.scalar("select count(*) from post_results where state = 'queued'").await, 0, "{report}");
    world.run_to_the_end().await;
    let captions: BTreeSet<String> =
        world.sandbox.tiktok().published().into_iter().map(|published| published.caption).collect();
    assert_eq!((captions.len(), world.sandbox.tiktok().published().len()), (30, 30));
}

#[tokio::test]
async fn an_account_whose_every_call_fails_delays_no_other() {
    let world = World::new().await;
    world.without_limits();
    let failing = world.connect("alice", "failing").await;
    let calm = world.connect("bob", "calm").await;
    let url = world.videos.put("v.mp4", video(200_000));
    world.sandbox.fail(Fault::tiktok("creator_info", FaultKind::Html { status: 503 }).times(5));
    let post = world.publish("alice", &failing, &url, public()).await;
    for _ in 0..5 {
        world.work().await;
        world.advance(Duration::from_secs(90)).await;
    }
    pile_up(&world, &failing, 200).await;
    let quick = world.publish("bob", &calm, &url, public()).await;
    world.work().await;
    assert_eq!(world.result("bob", &quick).await["state"], "processing");
    assert_ne!(world.result("alice", &post).await["state"], "failed", "five failures are not eight");
}

/// Returns the posts of six accounts, one each, all due.
async fn six_creators(world: &World) -> Vec<String> {
    let url = world.videos.put("v.mp4", video(200_000));
    let mut posts = Vec::new();
    for at in 0..6 {
        let account = world.connect("alice", &format!("creator{at}")).await;
        posts.push(world.publish("alice", &account, &url, public()).await);
    }
    posts
}

#[tokio::test]
async fn a_row_that_cannot_be_read_stops_no_other() {
    let world = World::new().await;
    world.without_limits();
    six_creators(&world).await;
    // Another version of the program, or a person, wrote a value that this version does not know.
    let unknown = "update social_accounts set account_metadata = '\"unknown\"' where username = 'creator0'";
    world.execute(unknown).await;
    world.work().await;
    let going = "select count(*) from post_results where state = 'processing'";
    assert_eq!(world.scalar(going).await, 5, "the first of them blocks no other");
    world.execute(&unknown.replace("'\"unknown\"'", "'{}'")).await;
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 6);
}

#[tokio::test]
async fn a_row_that_cannot_be_saved_stops_no_other() {
    let world = World::new().await;
    world.without_limits();
    let posts = six_creators(&world).await;
    // This one row is broken: the database rejects every write to it.
    let poison = format!(
        "create function poison() returns trigger language plpgsql as $$ begin
            if new.post_id = '{}' and new.state <> 'queued' then raise exception 'poisoned' using errcode = 'check_violation'; end if;
            return new;
        end $$",
        posts[2]
    );
    world.execute(&poison).await;
    world
        .execute("create trigger poison before update on post_results for each row execute function poison()")
        .await;
    world.work().await;
    for (at, post) in posts.iter().enumerate() {
        let expected = if at == 2 { "queued" } else { "processing" };
        assert_eq!(world.result("alice", post).await["state"], expected, "post {at}");
    }
    world.execute("drop trigger poison on post_results").await;
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 6);
}

#[tokio::test]
async fn results_that_fail_together_do_not_come_back_together() {
    let world = World::new().await;
    world.without_limits();
    let url = world.videos.put("v.mp4", video(200_000));
    for at in 0..20 {
        let account = world.connect("alice", &format!("creator{at}")).await;
        world.publish("alice", &account, &url, public()).await;
    }
    world.sandbox.fail(Fault::tiktok("creator_info", FaultKind::Html { status: 503 }).times(200));
    for _ in 0..3 {
        world.work().await;
        world.advance(Duration::from_mins(1)).await;
    }
    world.work().await;
    // After the fourth failure the pause is up to 40 s, drawn at random (full jitter).
    let spread = world
        .scalar("select extract(epoch from max(due_at) - min(due_at))::bigint from post_results where state = 'publishing'")
        .await;
    let apart =
        world.scalar("select count(distinct due_at) from post_results where state = 'publishing'").await;
    // A pause below a second becomes a second.
    assert!(spread >= 15 && apart >= 16, "{apart} times within {spread} s");
}

#[tokio::test]
async fn one_account_fills_at_most_two_fifths_of_the_worker_slots() {
    let world = World::new().await;
    world.without_limits();
    let (busy, calm, url) = busy_beside_calm(&world, 30).await;
    // All of them are in progress, and due before the calm owner's post.
    world
        .execute("update post_results set slot_at = social_now(), due_at = due_at - interval '1 hour'")
        .await;
    world.publish("bob", &calm, &url, public()).await;
    let store = &world.app.publisher.flow.store;
    let room = |leased| Room { platforms: vec![(tiktok_id(), 10)], per_account: 4, leased };
    let claim = |room| async move {
        let minute = Duration::from_mins(1);
        let claim = store.lease_due(Reach::Everything, &room, 10, minute).await.unwrap();
        let accounts = claim.leased.iter().map(|leased| match leased {
            Leased::Ready(lease) => lease.account,
            Leased::Unreadable(..) => panic!("nothing is unreadable"),
        });
        (accounts.collect::<Vec<_>>(), claim.has_more)
    };
    let (first, has_more) = claim(room(vec![(AccountId(busy.parse().unwrap()), 1)])).await;
    assert_eq!(first.len(), 3, "one is in hand already");
    assert!(has_more, "behind them there is more");
    let (second, _) = claim(room(vec![(first[0], 4)])).await;
    assert_eq!(second, [AccountId(calm.parse().unwrap())]);
}
