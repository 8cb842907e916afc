//! Each step, with recorded responses.

mod connecting;
mod doubts;
pub(in crate::platform) mod odd;
mod pages;
mod uploads;

use super::*;
use crate::platform::counting::{Counted, scalars};
use crate::platform::meta::tests::graph_error;
use crate::platform::testing::prelude::*;

const REPLIES: Recorded = Recorded(include_str!("../../../../../tests/fixtures/facebook/replies.json"));
const SIZE: u64 = 25_000_000;

/// Returns the texts that are counted, with their limits.
pub(in crate::platform) fn counted() -> Vec<Counted> {
    Counted::all(
        &FACTS,
        &Value::Null,
        &[("caption", 63_206, scalars, "caption_cut"), ("title", 255, scalars, "title_cut")],
    )
}

/// Returns options with every member.
pub(in crate::platform) fn complete_options() -> Value {
    json!({"is_ai_generated": true, "surface": "reel"})
}

impl World<Facebook> {
    fn new(width: u32, height: u32, seconds: u64, options: Value) -> Self {
        let vars = [("FACEBOOK_CLIENT_ID", "1000200030004000"), ("FACEBOOK_CLIENT_SECRET", "secret")];
        let settings = settings(&FACTS, &vars);
        Self {
            account: ("104000000000001", "demobakery"),
            caption: "Fresh bread #bakery",
            title: Some("Fresh bread"),
            token: AccessToken::new("EAAP_page_1"),
            ..Self::of(Facebook, settings, video(SIZE, (width, height), seconds), options)
        }
    }

    fn vertical() -> Self {
        Self::new(1080, 1920, 30, json!({"is_ai_generated": true}))
    }

    fn landscape() -> Self {
        Self::new(1920, 1080, 30, json!({}))
    }
}

/// Returns a recorded response by name.
fn recorded(name: &str) -> Reply {
    REPLIES.reply(name)
}

fn error(status: u16, code: i64, subcode: i64) -> Reply {
    reply(status, graph_error(code, Some(subcode)))
}

fn session() -> SessionUrl {
    let stand_in = url::Url::parse("https://rupload.facebook.com").unwrap();
    let address = "https://rupload.facebook.com/video-upload/v25.0/880000000000123";
    SessionUrl::trusted(address, "rupload.facebook.com", &stand_in).unwrap()
}

fn reel(offset: u64) -> Clip {
    let sending = Sending::Reel { to: session(), offset };
    Clip { video: "880000000000123".into(), sending, tries: 0, size: SIZE }
}

fn plain(start: u64, end: u64) -> Clip {
    let sending = Sending::Pieces { session: "550000000000456".into(), start, end };
    Clip { video: "880000000000456".into(), sending, tries: 0, size: SIZE }
}

fn finish(sent: u8) -> Step {
    Step::Finish { clip: reel(SIZE), sent }
}

fn watched(finish: Finish, waited: u64, idle: u64) -> Step {
    Step::Poll { clip: reel(SIZE), watch: Watch { sent: 1, finish, waited, idle } }
}

fn is_committed(step: &Step) -> bool {
    Facebook.shows(step).committed
}

#[test]
fn a_reel_is_published_when_its_phase_says_so() {
    let world = World::<Facebook>::vertical();
    let start = Facebook.first(&world.cx().publication, &world.settings);
    let Ok(Progress::Next(upload)) = world.read(start, &recorded("reel_start")) else { panic!() };
    assert_eq!(upload, Step::Upload { clip: reel(0), stalls: 0 });
    let Ok(Progress::Next(check)) = world.read(upload, &recorded("success")) else { panic!() };
    assert!(!is_committed(&check) && world.call(&check).effect == Effect::Read);
    let Ok(Progress::Next(last)) = world.read(check, &recorded("uploaded")) else { panic!() };
    assert_eq!(last, finish(0));
    assert!(!is_committed(&last), "nothing was asked to be public yet");
    let Ok(Progress::Wait(mut poll, after)) = world.read(last, &recorded("success")) else { panic!() };
    assert_eq!(after, Duration::from_secs(5));
    for name in ["uploaded", "publishing", "unfinished"] {
        let Ok(Progress::Wait(next, _)) = world.read(poll.clone(), &recorded(name)) else { panic!("{name}") };
        assert!(is_committed(&next), "a taken finish is never sent again: {name}");
        poll = next;
    }
    for name in ["published", "published_documents", "published_node"] {
        assert!(
            matches!(world.read(poll.clone(), &recorded(name)), Ok(Progress::Published(_, None))),
            "{name}"
        );
    }
    let Ok(Progress::Published(receipt, None)) = world.read(poll, &recorded("published")) else { panic!() };
    let expected = Receipt {
        publish_id: Some("880000000000123".into()),
        post_id: Some("104000000000001_77".into()),
        url: Some("https://www.facebook.com/reel/880000000000123/".into()),
    };
    assert_eq!(receipt, expected);
}

#[test]
fn each_call_is_as_meta_documents_it_and_proven() {
    let world = World::<Facebook>::vertical();
    let told = |step: &Step| {
        let call = world.call(step);
        assert!(call.url.query().unwrap().contains(PROOF), "{call:?}");
        (
            format!("{} {}{}", call.method, call.url.host_str().unwrap(), call.url.path()),
            call.effect,
            call.body,
        )
    };
    let page = "POST graph.facebook.com/v25.0/104000000000001";
    let (path, effect, body) = told(&Step::Start { tries: 0 });
    assert_eq!((path, effect), (format!("{page}/video_reels"), Effect::Idempotent));
    let Body::Json(body) = body else { panic!() };
    assert_eq!(body, json!({"upload_phase": "start"}));
    let (path, effect, body) = told(&finish(0));
    assert_eq!((path, effect), (format!("{page}/video_reels"), Effect::Once));
    let Body::Json(body) = body else { panic!() };
    assert_eq!(
        body,
        json!({"upload_phase": "finish", "video_id": "880000000000123", "video_state": "PUBLISHED",
            "description": "Fresh bread #bakery", "title": "Fresh bread", "is_ai_generated": true})
    );
    let (path, effect, _) = told(&watched(Finish::Taken, 5, 0));
    assert_eq!((path.as_str(), effect), ("GET graph.facebook.com/v25.0/880000000000123", Effect::Read));

    let landscape = World::<Facebook>::landscape();
    let Body::Json(body) = landscape.call(&Step::Start { tries: 0 }).body else { panic!() };
    assert_eq!(body, json!({"upload_phase": "start", "file_size": SIZE}));
    let last = landscape.call(&Step::Finish { clip: plain(SIZE, SIZE), sent: 0 });
    assert!(last.url.path().ends_with("/104000000000001/videos") && last.effect == Effect::Once);
    let Body::Json(body) = last.body else { panic!() };
    assert_eq!(
        body,
        json!({"upload_phase": "finish", "upload_session_id": "550000000000456",
            "description": "Fresh bread #bakery", "title": "Fresh bread"})
    );
}

#[test]
fn the_proof_is_an_hmac_of_the_token_under_the_secret() {
    // echo -n EAAP_page_1 | openssl dgst -sha256 -hmac secret
    let world = World::<Facebook>::vertical();
    let call = world.call(&Step::Start { tries: 0 });
    let proof = call.url.query_pairs().find(|(name, _)| name == "appsecret_proof").unwrap().1.into_owned();
    assert_eq!(proof, PROOF);
}

const PROOF: &str = "87de0a1181fe4eca0d3a0be75eb60d16c6d781101230843e52f7e3d2aa6ec8ee";

#[test]
fn what_becomes_a_reel_is_the_videos_to_say_unless_its_owner_insists() {
    let is_reel = |width, height, seconds, options: Value| {
        let world = World::<Facebook>::new(width, height, seconds, options);
        world.call(&Step::Start { tries: 0 }).url.path().ends_with("/video_reels")
    };
    assert!(is_reel(1080, 1920, 90, json!({})));
    assert!(
        is_reel(360, 640, 10, json!({})),
        "as a plain video it would end as a draft; as a Reel it is refused"
    );
    assert!(!is_reel(1080, 1920, 91, json!({})));
    assert!(!is_reel(1920, 1080, 30, json!({})) && !is_reel(1080, 1080, 30, json!({})));
    assert!(is_reel(1920, 1080, 30, json!({"surface": "reel"})));
    let surface = |width, height, seconds, options: Value| {
        let world = World::<Facebook>::new(width, height, seconds, options);
        Facebook.limits(&world.options, &world.video.facts).surface
    };
    assert_eq!(surface(1080, 1920, 90, json!({})), "Facebook Reels");
    assert_eq!(surface(1920, 1080, 90, json!({"surface": "reel"})), "Facebook Reels");
    assert_eq!(surface(1080, 1920, 91, json!({})), "Facebook video");
    assert_eq!(surface(1920, 1080, 30, json!({})), "Facebook video");
}
