//! Each step, with recorded responses.

mod doubts;
pub(in crate::platform) mod odd;
mod uploads;

use super::connect::LAPSED;
use super::*;
use crate::platform::OAuthErrorKind::{GrantEnded, Later, Operator};
use crate::platform::counting::{Counted, scalars};
use crate::platform::meta::tests::graph_error;
use crate::platform::testing::prelude::*;

const REPLIES: Recorded = Recorded(include_str!("../../../../../tests/fixtures/instagram/replies.json"));
const SIZE: u64 = 25_000_000;

/// Returns the texts that are counted, with their limits.
pub(in crate::platform) fn counted() -> Vec<Counted> {
    Counted::all(&FACTS, &Value::Null, &[("caption", 2_200, scalars, "caption_cut")])
}

/// Returns options with every member.
pub(in crate::platform) fn complete_options() -> Value {
    json!({"share_to_feed": false, "cover_url": "https://cdn.example/c.jpg", "thumb_offset": 5,
        "is_ai_generated": false, "collaborators": []})
}

impl World<Instagram> {
    fn new(mode: &str) -> Self {
        let vars = [
            ("INSTAGRAM_CLIENT_ID", "990602627938098"),
            ("INSTAGRAM_CLIENT_SECRET", "secret"),
            ("INSTAGRAM_UPLOAD_MODE", mode),
        ];
        let settings = settings(&FACTS, &vars);
        let options = json!({"is_ai_generated": true, "thumb_offset": 500});
        Self {
            account: ("17841400000000001", "demo.studio"),
            video_url: "https://cdn.example/vidéo.mp4?sig=a%2Fb",
            token: AccessToken::new("IGAA_long_1"),
            now: "2026-11-22T12:00:00Z".parse().unwrap(),
            ..Self::of(Instagram, settings, video(SIZE, (1080, 1920), 30), options)
        }
    }

    fn by_url() -> Self {
        Self::new("url")
    }
}

const NOW: i64 = 1_795_348_800;

/// Returns a recorded response by name.
fn recorded(name: &str) -> Reply {
    REPLIES.reply(name)
}

fn error(status: u16, code: i64, subcode: i64) -> Reply {
    reply(status, graph_error(code, Some(subcode)))
}

fn task() -> Task {
    Task { container: "17990000000000777".into(), tries: 0, size: SIZE }
}

fn polled(waited: u64) -> Step {
    Step::Poll { task: task(), upload: None, waited, hidden: 0 }
}

fn publish(sent: u8) -> Step {
    Step::Publish { task: task(), sent, since: NOW }
}

fn is_committed(step: &Step) -> bool {
    Instagram.shows(step).committed
}

#[test]
fn a_reel_is_published_in_six_calls() {
    let world = World::<Instagram>::by_url();
    let begun = Instagram.first(&world.cx().publication, &world.settings);
    assert_eq!((world.call(&begun).effect, Instagram.name(&begun)), (Effect::Read, "quota"));
    let Ok(Progress::Next(create)) = world.read(begun, &recorded("quota")) else { panic!() };
    let Ok(Progress::Wait(poll, after)) = world.read(create, &recorded("container")) else { panic!() };
    assert_eq!((Instagram.name(&poll), after), ("poll", Duration::from_secs(5)));
    let Ok(Progress::Wait(poll, after)) = world.read(poll, &recorded("in_progress")) else { panic!() };
    assert_eq!(after, Duration::from_secs(15));
    let Ok(Progress::Next(allowance)) = world.read(poll, &recorded("finished")) else { panic!() };
    let Ok(Progress::Next(last)) = world.read(allowance, &recorded("quota")) else { panic!() };
    assert_eq!(last, publish(0));
    assert!(!is_committed(&last), "nothing was asked to be public yet");
    let Ok(Progress::Published(receipt, Some((find, _)))) = world.read(last, &recorded("media_publish"))
    else {
        panic!()
    };
    assert_eq!((receipt.post_id.as_deref(), receipt.url), (Some("18010000000000999"), None));
    let Ok(Progress::Published(receipt, None)) = world.read(find, &recorded("media")) else { panic!() };
    let expected = Receipt {
        publish_id: Some("17990000000000777".into()),
        post_id: Some("18010000000000999".into()),
        url: Some("https://www.instagram.com/reel/Cabc123/".into()),
    };
    assert_eq!(receipt, expected);
}

#[test]
fn each_call_is_as_meta_documents_it() {
    let world = World::<Instagram>::by_url();
    let path = |step: &Step| {
        let call = world.call(step);
        assert!(call.authorization.is_some(), "{call:?}");
        (format!("{} {}", call.method, call.url), call.effect)
    };
    let graph = "https://graph.instagram.com/v25.0";
    let account = format!("{graph}/17841400000000001");
    let quota = format!("GET {account}/content_publishing_limit?fields=quota_usage%2Cconfig");
    assert_eq!(path(&checkpoint::begin(0)), (quota.clone(), Effect::Read));
    assert_eq!(path(&Step::Allowance { task: task(), sent: 0 }), (quota, Effect::Read));
    assert_eq!(path(&Step::Create { tries: 0 }), (format!("POST {account}/media"), Effect::Idempotent));
    let status = format!("GET {graph}/17990000000000777?fields=status_code%2Cstatus");
    assert_eq!(path(&polled(0)), (status, Effect::Read));
    assert_eq!(path(&publish(0)), (format!("POST {account}/media_publish"), Effect::Once));

    let Body::Json(body) = world.call(&Step::Create { tries: 0 }).body else { panic!() };
    assert_eq!(
        body,
        json!({"media_type": "REELS", "video_url": "https://cdn.example/vid%C3%A9o.mp4?sig=a%2Fb", "caption": "hello",
            "share_to_feed": true, "is_ai_generated": true, "thumb_offset": 500})
    );
    let Body::Json(body) = world.call(&publish(0)).body else { panic!() };
    assert_eq!(body, json!({"creation_id": "17990000000000777"}));
}

#[test]
fn a_full_quota_holds_and_nothing_is_published() {
    let world = World::<Instagram>::by_url();
    let Ok(Progress::Restart(Step::Quota { tries: 0 }, held)) =
        world.read(checkpoint::begin(0), &recorded("quota_full"))
    else {
        panic!()
    };
    assert!(matches!(held.disposition, Disposition::Hold { .. }) && held.code == "2207042");
    let allowance = Step::Allowance { task: task(), sent: 0 };
    // The container may expire meanwhile, so it is checked again before it is published.
    let Ok(Progress::Restart(Step::Poll { .. }, _)) = world.read(allowance.clone(), &recorded("quota_full"))
    else {
        panic!()
    };
    // If Instagram names no total, it decides when publishing.
    assert!(matches!(
        world.read(allowance, &recorded("quota_bare")),
        Ok(Progress::Next(Step::Publish { .. }))
    ));
    let held = world.read(publish(0), &error(400, 9, 2_207_042)).unwrap_err();
    assert!(matches!(held.disposition, Disposition::Hold { .. }));
    let told = Instagram.read_options(&recorded("quota")).unwrap();
    assert_eq!(told, json!({"quota_usage": 3, "quota_total": 100}));
}

#[test]
fn a_container_that_fails_is_replaced_twice_and_a_bad_video_not_at_all() {
    let world = World::<Instagram>::by_url();
    let failed = |tries, name: &str| {
        let step = Step::Poll { task: Task { tries, ..task() }, upload: None, waited: 60, hidden: 0 };
        match world.read(step, &recorded(name)) {
            Ok(Progress::Restart(step, error)) => (step, error.code, error.disposition),
            other => panic!("{other:?}"),
        }
    };
    for (name, code) in
        [("error_download", "2207077"), ("error_unnamed", "container_error"), ("expired", "2207020")]
    {
        let (step, found, disposition) = failed(1, name);
        assert_eq!((step, found.as_str()), (checkpoint::begin(2), code));
        assert!(matches!(disposition, Disposition::Retry { .. }), "{name}");
        assert_eq!(failed(2, name).2, Disposition::Permanent, "{name}: three are enough");
    }
    let told =
        json!({"status_code": "ERROR", "status": "Error: Media upload has failed with error code 2207085"});
    let Ok(Progress::Restart(_, unknown)) = world.read(polled(60), &reply(200, &told)) else { panic!() };
    assert_eq!(unknown.code, "2207085", "an unknown number is shown");
    let (_, code, disposition) = failed(0, "error_format");
    assert_eq!((code.as_str(), disposition), ("2207026", Disposition::UserFixable));

    let create = |tries| world.read(Step::Create { tries }, &error(400, 9004, 2_207_052));
    assert!(matches!(create(0), Ok(Progress::Restart(Step::Quota { tries: 1 }, _))));
    let Ok(Progress::Restart(_, gave_up)) = create(2) else { panic!() };
    assert_eq!(gave_up.disposition, Disposition::Permanent);
    let slow = world.read(Step::Create { tries: 0 }, &error(400, 4, 0)).unwrap_err();
    assert!(matches!(slow.disposition, Disposition::Hold { .. }), "throttled is no container's fault");
}

#[test]
fn waiting_gets_slower_and_ends_after_a_day() {
    let world = World::<Instagram>::by_url();
    let (mut step, mut pauses, mut looks) = (polled(0), Vec::new(), 0);
    loop {
        match world.read(step, &recorded("in_progress")).unwrap() {
            Progress::Wait(next, after) => {
                pauses.push(after.as_secs());
                step = next;
                looks += 1;
            }
            Progress::Restart(next, error) => {
                assert_eq!((next, error.code.as_str()), (checkpoint::begin(1), "2207020"));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(&pauses[..5], [5, 15, 30, 60, 60]);
    assert!(looks < 200, "a quiet account has few calls to spend: {looks}");
}

#[test]
fn a_container_that_graph_loses_sight_of_is_waited_for() {
    let world = World::<Instagram>::by_url();
    let hidden = error(400, 100, 33);
    let (mut step, mut waited) = (polled(20), Duration::ZERO);
    loop {
        match world.read(step, &hidden).unwrap() {
            Progress::Wait(next, after) => {
                waited += after;
                step = next;
            }
            Progress::Restart(next, error) => {
                assert_eq!((next, error.code.as_str()), (checkpoint::begin(1), "100/33"));
                assert!(matches!(error.disposition, Disposition::Retry { .. }));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(waited > Duration::from_mins(50), "{waited:?}");
    let seen = world
        .read(Step::Poll { task: task(), upload: None, waited: 20, hidden: 60 }, &recorded("in_progress"));
    assert!(matches!(seen, Ok(Progress::Wait(Step::Poll { hidden: 0, .. }, _))));
}

#[test]
fn a_token_reply_is_read_in_all_its_shapes() {
    for name in ["token_flat", "token_wrapped", "token_listed"] {
        let grant = Instagram.read_grant(&recorded(name)).unwrap();
        assert_eq!(grant.access_token.expose(), "IGAA_short_1", "{name}");
        assert_eq!(grant.scopes, ["instagram_business_basic", "instagram_business_content_publish"]);
        assert!(FACTS.oauth.suffices(&grant.scopes) && grant.remote_id.is_none());
        let long = grant.traded_for(Instagram.read_grant(&recorded("token_long")).unwrap());
        assert_eq!(long.expires_in, Some(Duration::from_secs(5_183_944)));
        assert_eq!(long.scopes.len(), 2, "the scopes of the first response are kept");
    }
    let kind = |reply: &Reply| Instagram.read_grant(reply).unwrap_err().kind;
    let refused = Reply { status: 400, ..recorded("token_refused") };
    assert_eq!(kind(&refused), Operator);
    assert_eq!((kind(&error(400, 190, 463)), kind(&error(400, 100, 0))), (GrantEnded, Operator));
    assert_eq!((kind(&error(400, 2, 0)), kind(&error(400, 4, 0))), (Later, Later));
    assert_eq!(kind(&reply(502, json!("<html>"))), Later);
}

#[test]
fn the_account_is_the_professional_one_and_no_other() {
    let world = World::<Instagram>::by_url();
    let read = |name: &str| {
        let grant = Grant::new(AccessToken::new("t"));
        Instagram.read_accounts(&world.settings, &grant, None, &recorded(name)).unwrap().accounts
    };
    let account = read("me").remove(0);
    assert_eq!(
        (account.id.as_str(), account.username.as_deref()),
        ("17841400000000001", Some("demo.studio"))
    );
    assert_eq!((account.metadata.follower_count, account.metadata.video_count), (Some(7), Some(12)));
    assert_eq!(account.metadata.profile_url.as_deref(), Some("https://www.instagram.com/demo.studio"));
    assert!(account.token.is_none());
    assert_eq!(read("me_wrapped").remove(0).id, "17841400000000001");
    assert!(read("me_personal").is_empty(), "a personal account cannot publish");
    let call = Instagram.accounts_call(&world.settings, &Grant::new(AccessToken::new("t")), None);
    assert_eq!(call.url.path(), "/v25.0/me");
    assert_eq!(Instagram.why_ended(Duration::from_hours(61 * 24)), LAPSED);
}
