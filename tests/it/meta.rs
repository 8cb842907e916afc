//! The parts of Instagram and Facebook that no other platform has.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, header};
use serde_json::{Value, json};
use social_sandbox::facebook::{Kind, Limits as FacebookLimits, Role};
use social_sandbox::instagram::{AccountType, Limits as InstagramLimits};
use social_sandbox::meta::Usage;
use social_sandbox::{Fault, FaultKind};

use crate::source::{landscape, sha256, video};
use crate::stand_in;
use crate::world::{Setting, World};

/// Returns numbers that look random and are the same each time (Knuth's MMIX generator).
fn seeded(seed: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(seed), |last| {
        Some(last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    })
    .skip(1)
    .map(|number| number >> 33)
}

/// The simulated Meta counts in blocks of 64 KiB: an interrupted block is sent again.
const STRETCH: u64 = 64 << 10;

/// Returns a world in which a post of these bytes is about to be published, and the ids of account and post.
async fn about_to_publish(platform: &str, bytes: &Bytes) -> (World, String) {
    // The source takes no time, so only the interruptions end calls.
    let world = World::with(Setting { source: Some(1e12), ..Setting::default() }).await;
    let on = stand_in::of(platform);
    on.without_limits(&world.sandbox);
    let account = world.connect_on(on, "alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", bytes.clone());
    let post = world.publish_on(on, "alice", &account, &url, &json!({})).await;
    (world, post)
}

async fn is_published_once(world: &World, platform: &str, post: &str, bytes: &Bytes) {
    let result = world.result("alice", post).await;
    assert_eq!(result["state"], "published", "{platform}: {result} {:?}", world.ledger("alice", post).await);
    let published = stand_in::of(platform).published(&world.sandbox);
    assert_eq!((published.len(), &published[0].sha256), (1, &sha256(bytes)), "{platform}");
}

/// Uploads 25 MB over a connection that breaks fifty times, each time after some bytes.
async fn cut_fifty_times(platform: &str) {
    let bytes = video(25_000_000);
    let (world, post) = about_to_publish(platform, &bytes).await;
    let cuts: Vec<u64> = seeded(0x5eed).map(|number| number % 900_000).take(50).collect();
    for bytes in &cuts {
        world.sandbox.fail(Fault::of(platform, "upload", FaultKind::Cut { bytes: *bytes }));
    }
    world.run_to_the_end().await;
    is_published_once(&world, platform, &post, &bytes).await;
    let began: Vec<i64> =
        sqlx::query_scalar("select first_byte from publish_attempts where step = 'upload' order by id")
            .fetch_all(&world.db)
            .await
            .unwrap();
    assert_eq!(began.len(), 51, "{platform}: fifty cuts, and the rest");
    for (at, pair) in began.windows(2).enumerate() {
        let gained = u64::try_from(pair[1] - pair[0]).unwrap();
        assert!(gained + STRETCH > cuts[at], "{platform}: cut {at} after {} bytes kept {gained}", cuts[at]);
    }
}

#[tokio::test]
async fn a_reel_of_instagram_survives_fifty_interruptions_and_resends_less_than_a_block_each() {
    cut_fifty_times("instagram").await;
}

#[tokio::test]
async fn a_reel_of_facebook_survives_fifty_interruptions_and_resends_less_than_a_block_each() {
    cut_fifty_times("facebook").await;
}

#[tokio::test]
async fn a_plain_video_survives_fifty_cuts_and_resends_a_piece_each() {
    let bytes = landscape(25_000_000);
    let (world, post) = about_to_publish("facebook", &bytes).await;
    let facebook = world.sandbox.facebook();
    facebook.set_limits(FacebookLimits { piece_bytes: 500_000, ..FacebookLimits::unlimited() });
    // Every other piece: of an interrupted one, nothing counts.
    for skip in 1..=50 {
        world.sandbox.fail(Fault::of("facebook", "video_transfer", FaultKind::HangUpBefore).after(skip));
    }
    world.run_to_the_end().await;
    is_published_once(&world, "facebook", &post, &bytes).await;
    assert_eq!(facebook.published()[0].kind, Kind::Video);
    let sent = facebook.calls("video_transfer");
    let cut = "select count(*) from publish_attempts where step = 'upload' and outcome = 'noReply'";
    assert!(world.scalar(cut).await >= 49, "cut {} times", world.scalar(cut).await);
    assert_eq!(
        sent,
        50 + u64::try_from(world.scalar(cut).await).unwrap(),
        "each piece once, and once more per cut"
    );
}

/// Completes Facebook's consent; returns the popup's redirect.
async fn consent(world: &World, platform: &str, form: &str) -> String {
    let path = format!("/social-accounts-connect?platform={platform}");
    let (callback, cookie) = world.allow_at(&path, "alice", form.to_owned()).await;
    let landed = world.callback(&callback, &cookie).await;
    landed.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

async fn accounts(world: &World) -> Vec<Value> {
    let listed = world.get("/social-accounts?limit=100", "alice").await.1;
    listed["accounts"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_page_that_was_opened_becomes_an_account() {
    let world = World::new().await;
    let facebook = world.sandbox.facebook();
    facebook.set_limits(FacebookLimits { accounts_per_page: 2, ..FacebookLimits::unlimited() });
    let _ = facebook.assign("dana.demo", "notoken", Role::Tokenless);
    let _ = facebook.assign("dana.demo", "portfolio", Role::Business);
    let landed = consent(&world, "facebook", "account=dana.demo&scope=all&page=all&decision=allow").await;
    assert!(landed.contains("social=connected"), "{landed}");
    let mut names: Vec<String> =
        accounts(&world).await.iter().map(|one| one["username"].as_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["demobakery", "demokitchen", "portfolio"],
        "neither the analyst's nor the tokenless one"
    );
    assert_eq!(facebook.calls("accounts"), 3);

    // One grant: it is revoked with the last account.
    for (at, account) in accounts(&world).await.iter().enumerate() {
        assert_eq!(facebook.calls("revoke"), 0, "{at} of three are gone");
        let path = format!("/social-accounts/{}", account["id"].as_str().unwrap());
        world.call(Method::DELETE, &path, Some("alice"), None).await;
    }
    assert_eq!(facebook.calls("revoke"), 1);
}

#[tokio::test]
async fn what_opens_nothing_is_refused_with_its_reason() {
    let world = World::new().await;
    let scopes = "scope=pages_show_list&scope=pages_read_engagement";
    for (platform, form, reason) in [
        ("facebook", "account=sam.solo&scope=all&page=all&decision=allow".to_owned(), "no_account"),
        ("facebook", "account=dana.demo&scope=all&page=readingroom&decision=allow".to_owned(), "no_account"),
        ("facebook", "account=dana.demo&scope=all&decision=allow".to_owned(), "no_account"),
        ("facebook", format!("account=dana.demo&{scopes}&page=all&decision=allow"), "missing_scope"),
        ("facebook", "account=dana.demo&decision=deny".to_owned(), "access_denied"),
        ("instagram", "account=just.me&scope=all&decision=allow".to_owned(), "no_account"),
        (
            "instagram",
            "account=demokitchen&scope=instagram_business_basic&decision=allow".to_owned(),
            "missing_scope",
        ),
        ("instagram", "account=demokitchen&decision=deny".to_owned(), "access_denied"),
    ] {
        let landed = consent(&world, platform, &form).await;
        assert!(landed.contains(&format!("reason={reason}")), "{form}: {landed}");
    }
    assert!(accounts(&world).await.is_empty());
}

#[tokio::test]
async fn an_instagram_account_that_never_posts_is_renewed_and_a_page_need_not_be() {
    let world = World::new().await;
    world.connect_on(stand_in::of("instagram"), "alice", "demokitchen").await;
    let page = world.connect_on(stand_in::of("facebook"), "alice", "demobakery").await;
    let flow = &world.app.publisher.flow;
    flow.refresh_idle(flow.soon()).await.unwrap();
    assert_eq!(world.sandbox.instagram().calls("token_refresh"), 0, "younger than a day");
    for day in 1..=70 {
        world.advance(Duration::from_hours(25)).await;
        flow.refresh_idle(flow.soon()).await.unwrap();
        assert_eq!(world.sandbox.instagram().calls("token_refresh"), day);
    }
    // Ten days beyond the sixty of a token, both still publish.
    let instagram =
        accounts(&world).await.iter().find(|one| one["platform"] == "instagram").unwrap()["id"].clone();
    let url = world.videos.put("v.mp4", video(1_000_000));
    for (platform, account) in [("instagram", instagram.as_str().unwrap()), ("facebook", &page)] {
        let post = world.publish_on(stand_in::of(platform), "alice", account, &url, &json!({})).await;
        world.run_to_the_end().await;
        assert_eq!(world.result("alice", &post).await["state"], "published", "{platform}");
    }
}

#[tokio::test]
async fn a_full_quota_holds_without_a_call_to_publish() {
    let world = World::new().await;
    let instagram = world.sandbox.instagram();
    let account = world.connect_on(stand_in::of("instagram"), "alice", "demokitchen").await;
    instagram.set_limits(InstagramLimits { posts_per_day: 3, ..InstagramLimits::default() });
    instagram.post_elsewhere("demokitchen", 3);
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish_on(stand_in::of("instagram"), "alice", &account, &url, &json!({})).await;
    world.work().await;
    let held = world.result("alice", &post).await;
    assert_eq!((&held["state"], &held["heldReason"]), (&json!("held"), &json!("quota")), "{held}");
    assert_eq!((instagram.calls("container"), instagram.calls("media_publish")), (0, 0));
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(instagram.published().len(), 1);
    let _ = instagram.create_account("demokitchen", AccountType::Business);
}

#[tokio::test]
async fn a_throttled_page_waits_as_long_as_the_header_says() {
    let world = World::new().await;
    let on = stand_in::of("facebook");
    let account = world.connect_on(on, "alice", "demokitchen").await;
    let usage = Some(Usage { percent: 100, regain_minutes: 12 });
    world.sandbox.facebook().set_limits(FacebookLimits { usage, ..FacebookLimits::unlimited() });
    let throttled = FaultKind::Status { status: 400, code: "32".into(), retry_after: None };
    world.sandbox.fail(Fault::of("facebook", "reel_start", throttled));
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish_on(on, "alice", &account, &url, &json!({})).await;
    world.work().await;
    let held = world.result("alice", &post).await;
    assert_eq!((&held["state"], &held["heldReason"]), (&json!("held"), &json!("rateLimit")), "{held}");
    world.advance(Duration::from_mins(11)).await;
    world.work().await;
    assert_eq!(world.sandbox.facebook().calls("reel_start"), 1);
    world.advance(Duration::from_mins(2)).await;
    world.work().await;
    assert_eq!(world.sandbox.facebook().calls("reel_start"), 2);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
}
