//! Time: how late a post may go out, offsets and summer time, and clocks that differ.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::json;
use social_sandbox::{Fault, FaultKind};

use crate::source::video;
use crate::wire::Freeze;
use crate::world::{Setting, World, public, read};

/// Creates a post for one o'clock that may go out an hour late; it is noon.
async fn make(world: &World, account: &str, url: &str) -> String {
    let body = json!({"videoUrl": url, "caption": "lunch", "publishAt": "2026-12-01T13:00:00Z", "maxLateness": 3600,
        "results": [{"accountId": account, "tiktok": public()}]});
    let (status, post) = world.post("/social-posts", "alice", body).await;
    assert_eq!((status, &post["maxLateness"]), (StatusCode::ACCEPTED, &json!(3600)), "{post}");
    post["id"].as_str().unwrap().to_owned()
}

/// Makes such a post on an account of its own.
async fn make_one(world: &World, video: Bytes) -> String {
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video);
    make(world, &account, &url).await
}

#[tokio::test]
async fn a_post_that_could_not_go_out_in_time_expires_and_a_retry_publishes_it() {
    let world = World::new().await;
    let post = make_one(&world, video(1_000_000)).await;
    // The worker is not called until half past two.
    world.advance(Duration::from_mins(150)).await;
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!((&result["state"], &result["error"]["code"]), (&json!("expired"), &json!("too_late")));
    assert_eq!(world.sandbox.tiktok().calls("creator_info"), 0, "no platform was called");
    let (_, whole) = world.get(&format!("/social-posts/{post}"), "alice").await;
    assert_eq!(whole["state"], "expired");
    assert_eq!(world.act(&post, "retry").await.0, StatusCode::OK);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published", "asked for again is wanted now");
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
}

#[tokio::test]
async fn a_post_in_time_is_published_as_any_other() {
    let world = World::new().await;
    let post = make_one(&world, video(1_000_000)).await;
    world.advance(Duration::from_mins(119)).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
}

#[tokio::test]
async fn an_upload_that_drags_on_is_given_up_and_what_was_sent_for_good_is_not() {
    let world = World::new().await;
    world.without_limits();
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(35_000_000));
    let drags = make(&world, &account, &url).await;
    world.advance(Duration::from_mins(61)).await;
    world.sandbox.fail(Fault::tiktok("upload", FaultKind::Html { status: 500 }).after(1).times(99));
    world.work().await;
    assert_eq!(world.result("alice", &drags).await["state"], "publishing");
    world.advance(Duration::from_hours(1)).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &drags).await["state"], "expired");
    assert!(world.sandbox.tiktok().published().is_empty());
    world.sandbox.clear_faults();

    let body = json!({"videoUrl": url, "caption": "now", "maxLateness": 60, "results": [{"accountId": account, "tiktok": public()}]});
    let (_, post) = world.post("/social-posts", "alice", body).await;
    let sent = post["id"].as_str().unwrap();
    world.work().await;
    assert_eq!(world.result("alice", sent).await["state"], "processing");
    world.advance(Duration::from_hours(1)).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", sent).await["state"], "published");
}

#[tokio::test]
async fn what_waits_for_its_owner_or_for_a_window_expires_while_it_waits() {
    let world = World::new().await;
    let parked = world.connect("alice", "parked").await;
    let capped = world.connect("alice", "capped").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let waits_for_owner = make(&world, &parked, &url).await;
    world.sandbox.tiktok().revoke("parked");
    world.advance(Duration::from_hours(1)).await;
    world.work().await;
    let result = world.result("alice", &waits_for_owner).await;
    assert_eq!((&result["heldReason"], result.get("heldUntil")), (&json!("needsReconnect"), None));
    world.sandbox.fail(Fault::tiktok(
        "creator_info",
        FaultKind::Status { status: 200, code: "spam_risk_too_many_posts".into(), retry_after: None },
    ));
    let waits_for_window = make(&world, &capped, &url).await;
    world.work().await;
    let held = world.result("alice", &waits_for_window).await;
    assert_eq!((&held["state"], &held["heldReason"]), (&json!("held"), &json!("quota")), "{held}");
    assert!(
        held["heldUntil"].as_str().unwrap().starts_with("2026-12-01T14:00:00"),
        "not a day later: {held}"
    );
    let message = "This account has reached TikTok's limit of posts in 24 hours.";
    assert_eq!(held["error"]["message"], message, "it expires before the window is over");
    world.advance(Duration::from_mins(61)).await;
    world.work().await;
    for post in [&waits_for_owner, &waits_for_window] {
        assert_eq!(world.result("alice", post).await["state"], "expired");
    }
    world.connect("alice", "parked").await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &waits_for_owner).await["state"], "expired", "no surprise at three");
    assert!(world.sandbox.tiktok().published().is_empty());
}

#[tokio::test]
async fn a_later_time_resets_a_posts_lateness_and_nonsense_is_rejected_by_name() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = make(&world, &account, &url).await;
    let edit = json!({"version": 1, "publishAt": "2026-12-01T18:00:00Z", "maxLateness": 600});
    let path = format!("/social-posts/{post}");
    let (status, edited) = read(&world.call(Method::PATCH, &path, Some("alice"), Some(edit)).await);
    assert_eq!((status, &edited["maxLateness"]), (StatusCode::OK, &json!(600)), "{edited}");
    world.advance(Duration::from_mins(365)).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");

    for (lateness, at, code, field) in [
        (json!(59), "2026-12-02T13:00:00Z", "invalid_max_lateness", "maxLateness"),
        (json!("2 hours"), "2026-12-02T13:00:00Z", "invalid_field", "maxLateness"),
        (json!(3600), "2026-12-01T12:00:00Z", "too_late", "publishAt"),
    ] {
        let body = json!({"videoUrl": url, "caption": "x", "publishAt": at, "maxLateness": lateness,
            "results": [{"accountId": account, "tiktok": public()}]});
        let (status, refused) = world.post("/social-posts", "alice", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        assert_eq!((&refused["error"]["code"], &refused["error"]["field"]), (&json!(code), &json!(field)));
    }
}

#[tokio::test]
async fn a_time_with_an_offset_is_that_moment_on_either_side_of_the_change_of_clocks() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    // Half past one in New York comes twice on 7 November 2027; the offset tells which one.
    for (given, meant) in [
        ("2027-11-07T01:30:00-04:00", "2027-11-07T05:30:00.000Z"),
        ("2027-11-07T01:30:00-05:00", "2027-11-07T06:30:00.000Z"),
        ("2027-03-28T02:30:00+01:00", "2027-03-28T01:30:00.000Z"),
        ("2027-12-31T23:59:59.5+14:00", "2027-12-31T09:59:59.500Z"),
    ] {
        let body = json!({"videoUrl": url, "caption": given, "publishAt": given,
            "results": [{"accountId": account, "tiktok": public()}]});
        let (_, post) = world.post("/social-posts", "alice", body).await;
        assert_eq!(post["publishAt"], meant, "{given}");
        let off = format!(
            "select (extract(epoch from due_at - timestamptz '{meant}') * 1000)::bigint from post_results where post_id = '{}'",
            post["id"].as_str().unwrap()
        );
        assert_eq!(world.scalar(&off).await, 0, "{given}");
    }
    for local in ["2027-11-07T01:30:00", "2027-11-07", "tomorrow"] {
        let body = json!({"videoUrl": url, "caption": "x", "publishAt": local,
            "results": [{"accountId": account, "tiktok": public()}]});
        let (status, refused) = world.post("/social-posts", "alice", body).await;
        assert_eq!(
            (status, &refused["error"]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("publishAt"))
        );
    }
}

#[tokio::test]
async fn what_was_claimed_in_time_and_would_be_published_too_late_is_not() {
    let world = World::with(Setting { pull: true, ..Setting::default() }).await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let body = json!({"videoUrl": url, "caption": "now", "maxLateness": 60, "results": [{"accountId": account, "tiktok": public()}]});
    let (_, post) = world.post("/social-posts", "alice", body).await;
    let post = post["id"].as_str().unwrap();
    // Claimed five seconds before it expires. TikTok's creator query takes ten, and the lease continues.
    world.advance(Duration::from_secs(55)).await;
    let worker = world.frozen_worker(1, Freeze::AfterTheCall).await;
    world.advance_database(Duration::from_secs(10)).await;
    world.wire.let_go();
    worker.await.unwrap();
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", post).await["state"], "expired");
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 0);
}

#[tokio::test]
async fn a_retry_waits_for_a_time_that_was_set_meanwhile() {
    let world = World::new().await;
    let post = make_one(&world, video(1_000_000)).await;
    world.advance(Duration::from_mins(150)).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "expired");
    let edit = json!({"version": 1, "publishAt": "2026-12-02T09:00:00Z"});
    let path = format!("/social-posts/{post}");
    let (status, body) = read(&world.call(Method::PATCH, &path, Some("alice"), Some(edit)).await);
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(world.act(&post, "retry").await.0, StatusCode::OK);
    world.work().await;
    assert_eq!(world.result("alice", &post).await["state"], "queued");
    let hours =
        "select (extract(epoch from due_at - timestamptz '2026-12-02T09:00:00Z'))::bigint from post_results";
    assert_eq!(world.scalar(hours).await, 0);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    let early = "select count(*) from publish_attempts where at < timestamptz '2026-12-02T09:00:00Z'";
    assert_eq!(world.scalar(early).await, 0);
}

/// Publishes on time, expires, and renews a token, in a process with a wrong clock.
async fn is_indifferent_to(database_ahead: Duration, process_ahead: Duration) {
    let world = World::new().await;
    world.without_limits();
    world.advance_database(database_ahead).await;
    world.advance_process(process_ahead);
    world.sandbox.advance_clock(database_ahead);
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(35_000_000));
    let in_an_hour = "(social_now() + interval '1 hour')";
    let at: String = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "select to_char({in_an_hour} at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
    )))
    .fetch_one(&world.db)
    .await
    .unwrap();
    let body = json!({"videoUrl": url, "caption": "on time", "publishAt": at, "maxLateness": 600,
        "results": [{"accountId": account, "tiktok": public()}]});
    let (_, on_time) = world.post("/social-posts", "alice", body.clone()).await;
    world.advance(Duration::from_secs(3_590)).await;
    assert_eq!(world.work().await["leased"], 0, "ten seconds early is early");
    world.advance(Duration::from_secs(11)).await;
    assert_eq!(world.work().await["leased"], 1);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", on_time["id"].as_str().unwrap()).await["state"], "published");
    // Due now by the database's clock, with a limit of one minute: in time, and too late.
    for (passes, state) in [(1, "published"), (61, "expired")] {
        let at: String = sqlx::query_scalar(
            "select to_char(social_now() at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
        )
        .fetch_one(&world.db)
        .await
        .unwrap();
        let body = json!({"videoUrl": url, "caption": "at once", "publishAt": at, "maxLateness": 60,
            "results": [{"accountId": account, "tiktok": public()}]});
        let (status, post) = world.post("/social-posts", "alice", body).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{post}");
        world.advance(Duration::from_secs(passes)).await;
        world.run_to_the_end().await;
        assert_eq!(world.result("alice", post["id"].as_str().unwrap()).await["state"], state);
    }
    // Its token expires within five minutes, by the database's clock.
    world.advance(Duration::from_hours(22) + Duration::from_mins(57)).await;
    let now = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &now).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().calls("token_refresh"), 1);
    assert_eq!(world.sandbox.tiktok().published().len(), 3);
    assert_eq!(
        world.scalar("select count(*) from publish_attempts where effect = 'once' and outcome <> 'ok'").await,
        0
    );
}

#[tokio::test]
async fn a_function_whose_clock_is_five_minutes_behind_or_ahead_changes_nothing() {
    is_indifferent_to(Duration::from_mins(5), Duration::ZERO).await;
    is_indifferent_to(Duration::ZERO, Duration::from_mins(5)).await;
}
