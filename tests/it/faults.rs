//! Every kind of fault at every call: the post is published once, or has a reason why not.

use http::StatusCode;
use serde_json::json;
use social_sandbox::{Fault, FaultKind};

use crate::source::{sha256, video};
use crate::stand_in;
use crate::world::{Setting, World, public};

fn status(status: u16, code: &str, retry_after: Option<u64>) -> FaultKind {
    FaultKind::Status { status, code: code.into(), retry_after }
}

#[tokio::test]
async fn a_post_survives_every_passing_trouble_at_every_call() {
    for stand_in in stand_in::all() {
        let world = World::new().await;
        stand_in.without_limits(&world.sandbox);
        let account = world.connect_on(stand_in, "alice", "demokitchen").await;
        let options = stand_in.ways().swap_remove(0).options;
        let bytes = video(20_000_001);
        let url = world.videos.put("v.mp4", bytes.clone());
        for (at, fault) in stand_in.passing_troubles().into_iter().enumerate() {
            let what = format!("{} {} {:?}", stand_in.platform(), fault.endpoint, fault.kind);
            world.sandbox.clear_faults();
            world.sandbox.fail(fault);
            let post = world.publish_on(stand_in, "alice", &account, &url, &options).await;
            world.run_to_the_end().await;
            let result = world.result("alice", &post).await;
            let ledger = world.ledger("alice", &post).await;
            assert_eq!(result["state"], "published", "{what}: {result} {ledger:?}");
            assert_eq!(stand_in.published(&world.sandbox).len(), at + 1, "{what}: {ledger:?}");
        }
        assert!(stand_in.published(&world.sandbox).iter().all(|one| one.sha256 == sha256(&bytes)));
    }
}

#[tokio::test]
async fn every_other_way_survives_the_same_or_leaves_a_doubt_where_it_must() {
    for stand_in in stand_in::all() {
        for way in stand_in.ways().into_iter().skip(1) {
            let world = World::with(Setting { pull: way.is_pull, ..Setting::default() }).await;
            stand_in.without_limits(&world.sandbox);
            let account = world.connect_on(stand_in, "alice", "demokitchen").await;
            let url = world.videos.put("v.mp4", (way.video)(300_000));
            for fault in stand_in.passing_troubles() {
                let what =
                    format!("{} {}: {} {:?}", stand_in.platform(), way.options, fault.endpoint, fault.kind);
                let before = stand_in.published(&world.sandbox).len();
                world.sandbox.clear_faults();
                world.sandbox.fail(fault);
                let post = world.publish_on(stand_in, "alice", &account, &url, &way.options).await;
                world.run_to_the_end().await;
                let result = world.result("alice", &post).await;
                let ledger = world.ledger("alice", &post).await;
                let times = stand_in.published(&world.sandbox).len() - before;
                match result["state"].as_str().unwrap() {
                    "published" | "deliveredToInbox" => assert_eq!(times, 1, "{what}: {result} {ledger:?}"),
                    "inDoubt" => {
                        assert!(way.may_doubt && times <= 1, "{what}: {times} {result} {ledger:?}");
                    }
                    _ => panic!("{what}: {result} {ledger:?}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn a_pull_whose_response_was_lost_is_never_sent_again() {
    for kind in [
        FaultKind::HangUpAfter,
        FaultKind::HangUpBefore,
        FaultKind::Truncated,
        status(500, "internal_error", None),
        FaultKind::Html { status: 502 },
    ] {
        let world = World::with(Setting { pull: true, ..Setting::default() }).await;
        world.without_limits();
        let account = world.connect("alice", "demokitchen").await;
        let url = world.videos.put("v.mp4", video(1_000_000));
        world.sandbox.fail(Fault::tiktok("video_init", kind.clone()));
        let post = world.publish("alice", &account, &url, public()).await;
        world.run_to_the_end().await;
        let result = world.result("alice", &post).await;
        assert_eq!(result["state"], "inDoubt", "{kind:?}: {result}");
        assert_eq!(world.sandbox.tiktok().calls("video_init"), 1, "{kind:?}");
        // The owner checks the account, and reports what is there.
        let is_there = !world.sandbox.tiktok().published().is_empty();
        let outcome = if is_there { "published" } else { "notPublished" };
        let resolved = json!({"resultId": result["id"], "outcome": outcome});
        let (answered, _) = world.post(&format!("/social-posts/{post}/resolve"), "alice", resolved).await;
        assert_eq!(answered, StatusCode::OK);
        let state = world.result("alice", &post).await["state"].clone();
        assert_eq!(state, if is_there { "published" } else { "failed" });
    }
}

#[tokio::test]
async fn a_pull_that_was_refused_is_tried_again_and_published_once() {
    for kind in [status(429, "rate_limit_exceeded", Some(30)), status(401, "access_token_invalid", None)] {
        let world = World::with(Setting { pull: true, ..Setting::default() }).await;
        let account = world.connect("alice", "demokitchen").await;
        let url = world.videos.put("v.mp4", video(1_000_000));
        world.sandbox.fail(Fault::tiktok("video_init", kind.clone()));
        let post = world.publish("alice", &account, &url, public()).await;
        world.run_to_the_end().await;
        assert_eq!(world.result("alice", &post).await["state"], "published", "{kind:?}");
        assert_eq!(world.sandbox.tiktok().published().len(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_lasting_error_ends_with_a_reason() {
    let world = World::new().await;
    world.without_limits();
    world.sandbox.fail(Fault::tiktok("video_init", FaultKind::Html { status: 502 }).times(100));
    let post = world.posted("demokitchen", video(1_000_000), public()).await;
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!((&result["state"], &result["error"]["code"]), (&json!("failed"), &json!("unreadable_reply")));
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 8);
}

#[tokio::test]
async fn asking_in_vain_is_no_proof_that_nothing_was_published() {
    let world = World::new().await;
    world.without_limits();
    world.sandbox.fail(Fault::tiktok("status", FaultKind::Html { status: 502 }).times(1000));
    let post = world.posted("demokitchen", video(1_000_000), public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "inDoubt");
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 1);
}

#[tokio::test]
async fn a_daily_limit_holds_the_account_which_then_resumes() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.sandbox.fail(Fault::tiktok("creator_info", status(200, "spam_risk_too_many_posts", None)));
    let first = world.publish("alice", &account, &url, public()).await;
    let second = world.publish("alice", &account, &url, public()).await;
    world.work().await;
    for post in [&first, &second] {
        let result = world.result("alice", post).await;
        assert_eq!((&result["state"], &result["heldReason"]), (&json!("held"), &json!("quota")), "{result}");
        assert!(result["heldUntil"].as_str().unwrap().starts_with("2026-12-02T12:00:00"), "{result}");
    }
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 2);
}

#[tokio::test]
async fn an_expired_upload_url_starts_again_without_a_second_post() {
    let world = World::new().await;
    world.without_limits();
    let bytes = video(35_000_000);
    world.sandbox.fail(Fault::tiktok("upload", FaultKind::Html { status: 500 }).after(1).times(2));
    let post = world.posted("demokitchen", bytes.clone(), public()).await;
    world.work().await;
    world.advance(std::time::Duration::from_secs(3601)).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    let published = world.sandbox.tiktok().published();
    assert_eq!((published.len(), &published[0].sha256), (1, &sha256(&bytes)));
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 2);
}

#[tokio::test]
async fn an_unknown_status_does_not_hide_that_the_last_chunk_never_arrived() {
    let world = World::new().await;
    world.without_limits();
    let bytes = video(25_000_000);
    world.sandbox.fail(Fault::tiktok("upload_last", FaultKind::HangUpBefore));
    world.sandbox.fail(Fault::tiktok("status", FaultKind::UnknownStatus));
    let post = world.posted("demokitchen", bytes.clone(), public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    let published = world.sandbox.tiktok().published();
    assert_eq!((published.len(), &published[0].sha256), (1, &sha256(&bytes)));
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 1);
}
