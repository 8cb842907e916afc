//! Each step, with recorded responses.

pub(in crate::platform) mod odd;
mod resuming;
mod verdicts;

use url::Url;

use super::*;
use crate::platform::counting::Counted;
use crate::platform::testing::prelude::*;
use crate::platform::text::utf16;

pub(super) fn settings_of(key: &str, secret: &str) -> PlatformSettings {
    settings_with(key, secret, "")
}

/// Returns the texts that are counted, with their limits.
pub(in crate::platform) fn counted() -> Vec<Counted> {
    Counted::all(&FACTS, &json!({"privacy_level": "SELF_ONLY"}), &[("caption", 2_200, utf16, "caption_cut")])
}

/// Returns options with every member.
pub(in crate::platform) fn complete_options() -> Value {
    json!({"post_mode": "MEDIA_UPLOAD", "privacy_level": "SELF_ONLY", "is_aigc": false, "disable_comment": true,
        "disable_duet": true, "disable_stitch": false, "video_cover_timestamp_ms": 1, "brand_content_toggle": true,
        "brand_organic_toggle": false})
}

fn settings_with(key: &str, secret: &str, prefixes: &str) -> PlatformSettings {
    let vars = [
        ("TIKTOK_CLIENT_KEY", key),
        ("TIKTOK_CLIENT_SECRET", secret),
        ("TIKTOK_VERIFIED_URL_PREFIXES", prefixes),
    ];
    settings(&FACTS, &vars)
}

impl World<TikTok> {
    fn new(size: u64, options: Value) -> Self {
        let settings = settings_of("aw1", "secret");
        let account = ("-000DemoOpenId", "demokitchen");
        Self { account, ..Self::of(TikTok, settings, video(size, (1080, 1920), 30), options) }
    }

    fn public(size: u64) -> Self {
        Self::new(size, json!({"privacy_level": "PUBLIC_TO_EVERYONE"}))
    }
}

fn ok(data: &Value) -> Reply {
    reply(200, json!({"data": data, "error": {"code": "ok", "message": "", "log_id": "L1"}}))
}

fn error(status: u16, code: &str) -> Reply {
    reply(status, json!({"data": {}, "error": {"code": code, "message": "x", "logid": "L2"}}))
}

fn task() -> Task {
    Task {
        publish_id: "v_pub_file~1".into(),
        handle: Some("demokitchen".into()),
        pull: false,
        inits: 1,
        size: 25_000_000,
        recalled: false,
    }
}

fn session() -> SessionUrl {
    SessionUrl(
        Url::parse("https://open-upload.tiktokapis.com/video/?upload_id=1&upload_token=canary").unwrap(),
    )
}

fn upload(offset: u64) -> Step {
    Step::Upload { task: task(), to: session(), offset, resyncs: 0, whole_sent: false }
}

fn poll() -> Step {
    Step::Poll { task: task(), waited: 0 }
}

#[test]
fn an_upload_goes_from_the_creator_to_the_link_in_the_fewest_calls() {
    let world = World::<TikTok>::public(25_000_000);
    let first = TikTok.first(&world.cx().publication, &world.settings);
    assert_eq!(first, Step::Creator { inits: 0 });
    let creator = ok(
        &json!({"creator_username": "demokitchen", "privacy_level_options": ["PUBLIC_TO_EVERYONE"], "max_video_post_duration_sec": 600}),
    );
    let Ok(Progress::Next(init)) = world.read(first, &creator) else { panic!() };
    let call = world.call(&init);
    assert_eq!(call.effect, Effect::Idempotent);
    let Body::Json(body) = &call.body else { panic!() };
    assert_eq!(
        body["source_info"],
        json!({"source": "FILE_UPLOAD", "video_size": 25_000_000, "chunk_size": 10_000_000, "total_chunk_count": 2})
    );
    assert_eq!(body["post_info"]["title"], "hello");
    let made = ok(&json!({"publish_id": "v_pub_file~1", "upload_url": session().0.as_str()}));
    let Ok(Progress::Next(first_chunk)) = world.read(init, &made) else { panic!() };
    assert_eq!(first_chunk, upload(0));
    let call = world.call(&first_chunk);
    assert_eq!(call.effect, Effect::Idempotent);
    assert!(call.authorization.is_none(), "the address is the credential");
    assert!(call.headers.iter().any(|(_, value)| value == "bytes 0-9999999/25000000"));
    let Ok(Progress::Next(last_chunk)) = world.read(first_chunk, &reply(206, "")) else { panic!() };
    let call = world.call(&last_chunk);
    assert_eq!(call.effect, Effect::Once, "with its last byte TikTok has all it needs");
    assert!(call.headers.iter().any(|(_, value)| value == "bytes 10000000-24999999/25000000"));
    let Ok(Progress::Wait(polls, after)) = world.read(last_chunk, &reply(201, "")) else { panic!() };
    assert_eq!(after, Duration::from_secs(5));
    let done = ok(
        &json!({"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": [7_602_997_517_160_123_666_i64]}),
    );
    let Ok(Progress::Published(receipt, None)) = world.read(polls, &done) else { panic!() };
    assert_eq!(receipt.post_id.as_deref(), Some("7602997517160123666"));
    assert_eq!(receipt.url.as_deref(), Some("https://www.tiktok.com/@demokitchen/video/7602997517160123666"));
}

#[test]
fn a_pull_is_sent_once_and_only_for_a_verified_prefix() {
    let mut world = World::<TikTok>::public(25_000_000);
    world.settings = settings_with("aw1", "s", "https://cdn.example/");
    let init = Step::Init { handle: None, inits: 0 };
    assert_eq!(world.call(&init).effect, Effect::Once);
    assert_eq!(TikTok.reconcile(&init, None), None);
    let Ok(Progress::Wait(Step::Poll { task, .. }, _)) =
        world.read(init, &ok(&json!({"publish_id": "v_pub_url~1"})))
    else {
        panic!()
    };
    assert!(task.pull);
}

#[test]
fn a_draft_queries_no_creator_and_sends_no_post_info() {
    let world = World::<TikTok>::new(1000, json!({"post_mode": "MEDIA_UPLOAD"}));
    let first = TikTok.first(&world.cx().publication, &world.settings);
    let call = world.call(&first);
    assert_eq!(call.url.path(), "/v2/post/publish/inbox/video/init/");
    let Body::Json(body) = call.body else { panic!() };
    assert!(body.get("post_info").is_none());
    let delivered = world.read(poll(), &ok(&json!({"status": "SEND_TO_USER_INBOX"})));
    assert!(matches!(delivered, Ok(Progress::DeliveredToInbox(_, Some((Step::Find { looks: 1, .. }, _))))));
}

#[test]
fn a_privacy_level_that_is_no_longer_offered_is_never_replaced() {
    let world = World::<TikTok>::public(1000);
    let creator = ok(&json!({"creator_username": "x", "privacy_level_options": ["SELF_ONLY"]}));
    let refused = world.read(Step::Creator { inits: 0 }, &creator).unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.disposition),
        ("privacy_level_option_mismatch", Disposition::UserFixable)
    );
}

#[test]
fn an_upload_address_outside_tiktok_gets_no_bytes() {
    let world = World::<TikTok>::public(1000);
    for url in [
        "https://evil.example/",
        "http://open-upload.tiktokapis.com/",
        "https://tiktokapis.com.evil.example/",
        "https://eviltiktokapis.com/",
    ] {
        let made = ok(&json!({"publish_id": "p", "upload_url": url}));
        assert!(world.read(Step::Init { handle: None, inits: 0 }, &made).is_err(), "{url}");
    }
}

#[test]
fn only_fields_of_granted_scopes_are_requested() {
    let world = World::<TikTok>::public(1000);
    let fields = |scopes: &[&str]| {
        let scopes = scopes.iter().map(|s| (*s).to_owned()).collect();
        let grant = Grant { scopes, ..Grant::new(AccessToken::new("a")) };
        TikTok.accounts_call(&world.settings, &grant, None).url.query_pairs().next().unwrap().1.into_owned()
    };
    assert_eq!(fields(&["user.info.basic"]), "open_id,avatar_url,display_name");
    assert_eq!(fields(&["user.info.profile"]), "open_id,avatar_url,display_name,username");
    assert_eq!(fields(&["user.info.stats"]), "open_id,avatar_url,display_name,follower_count,video_count");
}

#[test]
fn nothing_secret_is_printed() {
    let world = World::<TikTok>::public(1000);
    let printed = format!("{:?} {:?}", upload(0), world.call(&upload(0)));
    assert!(!printed.contains("canary"), "{printed}");
}
