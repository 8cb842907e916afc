//! The parts that only YouTube has: resuming at its own count, quotas by the Californian day, Google's
//! grants.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use social_sandbox::youtube::{Limits, Privacy, SCOPES};
use social_sandbox::{Fault, FaultKind};

use crate::source::{sha256, video};
use crate::stand_in::{self, StandIn};
use crate::world::{World, public, read};

/// 8 MiB.
const CHUNK: u64 = 8_388_608;

fn stand_in() -> &'static dyn StandIn {
    stand_in::all().find(|stand_in| stand_in.platform() == "youtube").unwrap()
}

fn options() -> Value {
    json!({"privacyStatus": "unlisted", "selfDeclaredMadeForKids": false})
}

/// Returns a world with one channel of alice's.
async fn connected() -> (World, String) {
    let world = World::new().await;
    stand_in().without_limits(&world.sandbox);
    let account = world.connect_on(stand_in(), "alice", "demostudio").await;
    (world, account)
}

/// Publishes a video of that size to the end, and returns its outcome.
async fn published(world: &World, account: &str, size: usize) -> Value {
    let url = world.videos.put("v.mp4", video(size));
    let post = world.publish_on(stand_in(), "alice", account, &url, &options()).await;
    world.run_to_the_end().await;
    world.result("alice", &post).await
}

fn fail(world: &World, endpoint: &str, kind: FaultKind) {
    world.sandbox.fail(Fault::youtube(endpoint, kind));
}

/// The same numbers in every run (Knuth's MMIX generator).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[tokio::test]
async fn a_connection_cut_fifty_times_publishes_once_and_sends_at_most_a_chunk_again_each_time() {
    const SIZE: u64 = 20_000_000;
    let (world, account) = connected().await;
    let (mut dice, mut posts) = (Dice(20_261_122), 0);
    let cuts = "select count(*) from publish_attempts where step = 'upload' and outcome = 'noReply'";
    while world.scalar(cuts).await < 50 {
        world.sandbox.clear_faults();
        for _ in 0..6 {
            let cut = FaultKind::Cut { bytes: dice.below(CHUNK) };
            world.sandbox.fail(Fault::youtube("upload", cut).after(u32::try_from(dice.below(2)).unwrap()));
        }
        let result = published(&world, &account, usize::try_from(SIZE).unwrap()).await;
        assert_eq!(result["state"], "published", "post {posts}: {result}");
        posts += 1;
    }
    let there = world.sandbox.youtube().published();
    assert_eq!(there.len(), posts);
    let expected = sha256(&video(usize::try_from(SIZE).unwrap()));
    assert!(there.iter().all(|one| one.sha256 == expected), "every byte of every video");
    assert_eq!(world.sandbox.youtube().calls("insert"), u64::try_from(posts).unwrap(), "one session each");
    let sent = world.scalar("select sum(bytes)::bigint from publish_attempts where step = 'upload'").await;
    let again = u64::try_from(sent).unwrap() - u64::try_from(posts).unwrap() * SIZE;
    let most = u64::try_from(world.scalar(cuts).await).unwrap() * CHUNK;
    assert!(again <= most, "{again} bytes were sent again, {most} at most");
    // After each interruption came a query, before any byte was sent again.
    let blind = "select count(*) from (select step, lag(outcome) over w as before, lag(step) over w as was
        from publish_attempts window w as (partition by result_id order by id)) as a
        where was = 'upload' and before = 'noReply' and step <> 'ask'";
    assert_eq!(world.scalar(blind).await, 0);
}

#[tokio::test]
async fn a_lost_response_to_the_last_byte_is_queried() {
    let (world, account) = connected().await;
    fail(&world, "upload_last", FaultKind::HangUpAfter);
    let result = published(&world, &account, 9_000_000).await;
    assert_eq!(result["state"], "published", "{result}");
    let there = world.sandbox.youtube().published();
    assert_eq!((there.len(), result["platformPostId"].as_str()), (1, Some(there[0].video_id.as_str())));
    let link = result["platformUrl"].as_str().unwrap();
    assert!(link.ends_with(&format!("/youtube/watch?v={}", there[0].video_id)), "{link}");
    assert_eq!(world.sandbox.youtube().calls("insert"), 1);
}

#[tokio::test]
async fn a_session_that_expires_with_the_last_response_is_found_among_the_uploads() {
    let gone = || FaultKind::Status { status: 404, code: "notFound".into(), retry_after: None };
    let (world, account) = connected().await;
    fail(&world, "upload_last", FaultKind::HangUpAfter);
    fail(&world, "upload_status", gone());
    let result = published(&world, &account, 9_000_000).await;
    assert_eq!(result["state"], "published", "{result}");
    assert_eq!((world.sandbox.youtube().published().len(), world.sandbox.youtube().calls("insert")), (1, 1));
    assert!(world.sandbox.youtube().calls("playlist_items") >= 1);

    // The same, but the last byte never arrives: nothing is found, and a second session uploads it. A
    // gateway's response, not a broken connection: that may come while the end is still held back, and then
    // the session continues.
    let (world, account) = connected().await;
    fail(&world, "upload_last", FaultKind::Html { status: 502 });
    fail(&world, "upload_status", gone());
    let result = published(&world, &account, 9_000_000).await;
    assert_eq!(result["state"], "published", "{result}");
    assert_eq!((world.sandbox.youtube().published().len(), world.sandbox.youtube().calls("insert")), (1, 2));
}

#[tokio::test]
async fn a_token_rejected_midway_is_refreshed_and_the_session_continues() {
    let (world, account) = connected().await;
    let refused = FaultKind::Status { status: 401, code: "authError".into(), retry_after: None };
    world.sandbox.fail(Fault::youtube("upload", refused).after(1));
    let result = published(&world, &account, 20_000_000).await;
    assert_eq!(result["state"], "published", "{result}");
    assert_eq!(
        (world.sandbox.youtube().calls("insert"), world.sandbox.youtube().calls("token_refresh")),
        (1, 1)
    );
}

#[tokio::test]
async fn a_days_quota_holds_every_account_on_youtube_until_midnight_in_california() {
    let world = World::new().await;
    world.without_limits();
    world.sandbox.youtube().set_limits(Limits { inserts_per_day: 1, ..Limits::default() });
    let alices = world.connect_on(stand_in(), "alice", "demostudio").await;
    let bobs = world.connect_on(stand_in(), "bob", "quietgarden").await;
    let tiktoks = world.connect("bob", "demokitchen").await;
    assert_eq!(published(&world, &alices, 200_000).await["state"], "published");
    let url = world.videos.put("v.mp4", video(200_000));
    let held = world.publish_on(stand_in(), "alice", &alices, &url, &options()).await;
    world.work().await;
    let later = world.publish_on(stand_in(), "bob", &bobs, &url, &options()).await;
    let other = world.publish("bob", &tiktoks, &url, public()).await;
    world.work().await;
    let result = world.result("alice", &held).await;
    assert_eq!((&result["state"], &result["heldReason"]), (&json!("held"), &json!("quota")), "{result}");
    assert_eq!(result["heldUntil"], "2026-12-02T08:01:00Z", "{result}");
    assert_eq!(world.result("bob", &other).await["state"], "processing", "TikTok knows nothing of it");
    world.sandbox.youtube().set_limits(Limits::unlimited());
    world.run_to_the_end().await;
    for (owner, post) in [("alice", &held), ("bob", &later)] {
        assert_eq!(world.result(owner, post).await["state"], "published");
    }
    assert_eq!(world.sandbox.youtube().published().len(), 3);
}

#[tokio::test]
async fn the_metadata_of_a_video_arrives_unchanged() {
    let (world, account) = connected().await;
    let url = world.videos.put("v.mp4", video(200_000));
    let options = json!({
        "title": "Launch <day>", "tags": ["demo", "launch day"], "categoryId": "22",
        "privacyStatus": "private", "publishAt": "2999-01-01T00:00:00Z", "selfDeclaredMadeForKids": true,
    });
    let result = json!({"accountId": account, "youtube": options});
    let body = json!({"videoUrl": url, "caption": "hello #world", "aiGenerated": true, "results": [result]});
    let (status, post) = world.post("/social-posts", "alice", body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{post}");
    world.run_to_the_end().await;
    let there = world.sandbox.youtube().published().remove(0);
    assert_eq!((there.title.as_str(), there.description.as_str()), ("Launch day", "hello #world"));
    assert_eq!(
        (there.tags, there.category_id.as_deref()),
        (vec!["demo".to_owned(), "launch day".into()], Some("22"))
    );
    assert!(there.made_for_kids && there.synthetic && there.publish_at.is_some());
    assert_eq!(there.privacy_status, Privacy::Private);
}

#[tokio::test]
async fn a_draft_without_a_choice_is_refused_by_name() {
    let (world, account) = connected().await;
    let url = world.videos.put("v.mp4", video(200_000));
    let result = json!({"accountId": account, "youtube": {"privacyStatus": "friends"}});
    let body = json!({"videoUrl": url, "caption": "hello", "results": [result]});
    let (status, refused) = world.post("/social-posts", "alice", body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["error"]["code"], "privacy_status_unknown");
    assert_eq!(refused["error"]["field"], "results[0].youtube.privacyStatus");
}

#[tokio::test]
async fn no_schedule_of_youtubes_makes_a_private_video_public_at_once() {
    let (world, account) = connected().await;
    let url = world.videos.put("v.mp4", video(200_000));
    let draft = |publish_at: &str, public_at: &str| {
        let options =
            json!({"privacyStatus": "private", "selfDeclaredMadeForKids": false, "publishAt": public_at});
        json!({"videoUrl": url, "caption": "hello", "publishAt": publish_at,
            "results": [{"accountId": account, "youtube": options}]})
    };
    let expected = (json!("publish_at_passed"), json!("results[0].youtube.publishAt"));
    let now = world.now();
    let time = |hours: i8| {
        let by = Duration::from_hours(hours.unsigned_abs().into());
        (if hours < 0 { now - by } else { now + by }).to_rfc3339()
    };
    // In the past; not later than the post itself.
    for (publish_at, public_at) in [(-2, -1), (4, 3), (4, 4)] {
        let body = draft(&time(publish_at), &time(public_at));
        let (status, refused) = world.post("/social-posts", "alice", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        assert_eq!((refused["error"]["code"].clone(), refused["error"]["field"].clone()), expected);
    }
    let (status, post) = world.post("/social-posts", "alice", draft(&time(3), &time(4))).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{post}");
    let path = format!("/social-posts/{}", post["id"].as_str().unwrap());
    let edit = json!({"version": 1, "publishAt": time(5)});
    let answer = world.call(Method::PATCH, &path, Some("alice"), Some(edit)).await;
    let (status, refused) = read(&answer);
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
    assert_eq!((refused["error"]["code"].clone(), refused["error"]["field"].clone()), expected);
}

#[tokio::test]
async fn a_rejected_video_fails_with_youtubes_reason() {
    let (world, account) = connected().await;
    fail(&world, "insert", FaultKind::FailReason { reason: "duplicate".into() });
    let result = published(&world, &account, 200_000).await;
    assert_eq!(
        (&result["state"], &result["error"]["code"]),
        (&json!("failed"), &json!("duplicate")),
        "{result}"
    );
}

#[tokio::test]
async fn each_way_not_to_connect_has_its_reason() {
    let world = World::new().await;
    let landed = async |account: &str, scopes: &str| {
        let path = "/social-accounts-connect?platform=youtube";
        let consent = format!("account={account}&{scopes}&decision=allow");
        let (callback, cookie) = world.allow_at(path, "alice", consent).await;
        let landed = world.callback(&callback, &cookie).await;
        landed.headers()[http::header::LOCATION].to_str().unwrap().to_owned()
    };
    let reason = async |account: &str, scopes: &str| {
        let landed = landed(account, scopes).await;
        landed.split("reason=").nth(1).unwrap_or(&landed).to_owned()
    };
    assert_eq!(reason("watcher@gmail.example", "scope=all").await, "no_account");
    let upload_alone = format!("scope={}", SCOPES[0].replace(':', "%3A").replace('/', "%2F"));
    assert_eq!(reason("demostudio", &upload_alone).await, "missing_scope");
    let withheld = Limits { gives_refresh_tokens: false, ..Limits::unlimited() };
    world.sandbox.youtube().set_limits(withheld.clone());
    assert_eq!(reason("demostudio", "scope=all").await, "not_lasting");
    // With the refresh token of the previous one, such a grant is useful.
    world.sandbox.youtube().set_limits(Limits::unlimited());
    let account = world.connect_on(stand_in(), "alice", "demostudio").await;
    world.sandbox.youtube().set_limits(withheld);
    assert!(landed("demostudio", "scope=all").await.contains("social=connected"));
    world.advance(Duration::from_hours(2)).await;
    assert_eq!(published(&world, &account, 200_000).await["state"], "published");
    assert_eq!(world.sandbox.youtube().calls("token_refresh"), 1);
}

#[tokio::test]
async fn a_person_s_grant_is_given_back_with_the_last_of_their_channels() {
    let (world, studio) = connected().await;
    let shorts = world.connect_on(stand_in(), "alice", "demoshorts").await;
    let disconnect = async |account: &str| {
        let path = format!("/social-accounts/{account}");
        world.call(Method::DELETE, &path, Some("alice"), None).await.status()
    };
    assert_eq!(disconnect(&studio).await, StatusCode::NO_CONTENT);
    assert_eq!(world.sandbox.youtube().calls("revoke"), 0, "it would have taken the other channel with it");
    world.advance(Duration::from_hours(2)).await;
    assert_eq!(published(&world, &shorts, 200_000).await["state"], "published");
    assert_eq!(disconnect(&shorts).await, StatusCode::NO_CONTENT);
    assert_eq!(world.sandbox.youtube().calls("revoke"), 1);
}

#[tokio::test]
async fn a_grant_that_died_after_seven_days_names_the_consent_screen() {
    let (world, account) = connected().await;
    world.advance(Duration::from_hours(7 * 24)).await;
    assert!(world.sandbox.youtube().expire_refresh_tokens("demostudio"));
    let result = published(&world, &account, 200_000).await;
    assert_eq!(
        (&result["state"], &result["heldReason"]),
        (&json!("held"), &json!("needsReconnect")),
        "{result}"
    );
    assert!(result.to_string().contains("Testing"), "{result}");
    world.connect_on(stand_in(), "alice", "demostudio").await;
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.youtube().published().len(), 1, "it resumes on its own");
}
