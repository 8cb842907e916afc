//! Each step, with recorded responses.

mod connecting;
mod ends;
pub(in crate::platform) mod odd;
mod uploading;

use url::Url;

use super::chunks::CHUNK;
use super::*;
use crate::platform::counting::Counted;
use crate::platform::testing::prelude::*;
use crate::platform::text::utf16;

const CHANNEL: &str = include_str!("../../../../../tests/fixtures/youtube/channel.json");
const UPLOADED: &str = include_str!("../../../../../tests/fixtures/youtube/video_uploaded.json");
const PROCESSING: &str = include_str!("../../../../../tests/fixtures/youtube/videos_processing.json");
const REJECTED: &str = include_str!("../../../../../tests/fixtures/youtube/videos_rejected.json");
const QUOTA: &str = include_str!("../../../../../tests/fixtures/youtube/quota_exceeded.json");
const UPLOADS: &str = include_str!("../../../../../tests/fixtures/youtube/uploads.json");

/// Two chunks and a last one of 3 222 784 bytes.
const SIZE: u64 = 20_000_000;

/// Returns the texts that are counted, with their limits.
pub(in crate::platform) fn counted() -> Vec<Counted> {
    Counted::all(
        &FACTS,
        &json!({"privacyStatus": "private", "selfDeclaredMadeForKids": false}),
        &[("title", 100, utf16, "title_cut"), ("caption", 5_000, str::len, "description_cut")],
    )
}

/// Returns options with every member.
pub(in crate::platform) fn complete_options() -> Value {
    json!({"title": "t", "description": "d", "tags": ["a"], "categoryId": "22", "defaultLanguage": "en",
        "defaultAudioLanguage": "de", "privacyStatus": "private", "publishAt": "2026-12-24T18:00:00+01:00",
        "license": "youtube", "embeddable": true, "publicStatsViewable": false, "selfDeclaredMadeForKids": false,
        "containsSyntheticMedia": true, "hasPaidProductPlacement": false, "notifySubscribers": true})
}

fn ours() -> PlatformSettings {
    let vars =
        [("YOUTUBE_CLIENT_ID", "1.apps.googleusercontent.com"), ("YOUTUBE_CLIENT_SECRET", "GOCSPX-secret")];
    settings(&FACTS, &vars)
}

impl World<YouTube> {
    fn new(size: u64) -> Self {
        Self::lasting(size, 30)
    }

    fn lasting(size: u64, seconds: u64) -> Self {
        let options = json!({
            "title": "Launch day", "privacyStatus": "public", "selfDeclaredMadeForKids": false,
            "containsSyntheticMedia": true, "tags": ["demo", "launch day"],
        });
        Self {
            account: ("UCdemo000000000000000001", "demostudio"),
            token: AccessToken::new("ya29.canary"),
            now: "2026-12-01T12:00:00Z".parse().unwrap(),
            ..Self::of(YouTube, ours(), video(size, (1920, 1080), seconds), options)
        }
    }

    /// Returns the immediate next step after a response.
    fn next(&self, step: Step, reply: &Reply) -> Step {
        match self.read(step, reply) {
            Ok(Progress::Next(step)) => step,
            other => panic!("{other:?}"),
        }
    }

    /// Returns the later next step after a response, and the pause.
    fn wait(&self, step: Step, reply: &Reply) -> (Step, u64) {
        match self.read(step, reply) {
            Ok(Progress::Wait(step, after)) => (step, after.as_secs()),
            other => panic!("{other:?}"),
        }
    }
}

fn with(reply: Reply, name: &'static str, value: &str) -> Reply {
    let mut reply = reply;
    reply.headers.insert(name, value.parse().unwrap());
    reply
}

/// Returns "more expected", with the bytes that have arrived.
fn more(has: u64) -> Reply {
    let reply = reply(308, "");
    if has == 0 { reply } else { with(reply, "range", &format!("bytes=0-{}", has - 1)) }
}

fn refused(status: u16, reason: &str) -> Reply {
    let body = json!({"error": {"code": status, "message": "x", "errors": [{"reason": reason}]}});
    reply(status, body)
}

fn address(id: &str) -> SessionUrl {
    let url =
        format!("https://www.googleapis.com/upload/youtube/v3/videos?uploadType=resumable&upload_id={id}");
    SessionUrl::trusted(&url, "googleapis.com", &Url::parse("https://www.googleapis.com").unwrap()).unwrap()
}

fn session() -> Session {
    Session { opened_at: "2026-12-01T12:00:00Z".parse().unwrap(), opens: 1, size: SIZE }
}

fn upload(offset: u64) -> Upload {
    Upload { to: address("canary"), session: session(), offset, resyncs: 0, whole_sent: false }
}

fn poll() -> Step {
    Step::Poll { video: "dQdemo00001".into(), opens: 1, waited: 5, missing: 0, seen: false }
}
