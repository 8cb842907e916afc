//! Each step, with recorded responses.

mod connecting;
mod ending;
pub(in crate::platform) mod odd;
mod uploading;

use bytes::Bytes;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::chunk::CHUNK;
use super::*;
use crate::clock::Timestamp;
use crate::config::{Config, Mode};
use crate::model::{HeldReason, HoldScope, Receipt, ResultId, Window};
use crate::platform::{Disposition, SessionUrl};
use crate::video::{PinnedVideo, VideoFacts, VideoFile};

const CHANNEL: &str = include_str!("../../../../../tests/fixtures/youtube/channel.json");
const UPLOADED: &str = include_str!("../../../../../tests/fixtures/youtube/video_uploaded.json");
const PROCESSING: &str = include_str!("../../../../../tests/fixtures/youtube/videos_processing.json");
const REJECTED: &str = include_str!("../../../../../tests/fixtures/youtube/videos_rejected.json");
const QUOTA: &str = include_str!("../../../../../tests/fixtures/youtube/quota_exceeded.json");
const UPLOADS: &str = include_str!("../../../../../tests/fixtures/youtube/uploads.json");

/// Two chunks and a last one of 3 222 784 bytes.
const SIZE: u64 = 20_000_000;

fn settings() -> PlatformSettings {
    let var = |name: &str| {
        let value = match name {
            "APP_URL" => "https://app.example",
            "DATABASE_URL" => "postgres://db/x",
            "TOKEN_ENCRYPTION_KEYS" => "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
            "AUTH_JWT_SECRET" | "WORKER_SECRET" => "long-enough-to-be-one",
            "YOUTUBE_CLIENT_ID" => "1.apps.googleusercontent.com",
            "YOUTUBE_CLIENT_SECRET" => "GOCSPX-secret",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let mut config = Config::from_vars(Mode::Hosted, &[YouTube::VARS], &var).unwrap();
    config.platforms.remove("youtube").unwrap()
}

/// One publication and one account for the steps.
struct World {
    settings: PlatformSettings,
    video: PinnedVideo,
    options: Options,
    token: AccessToken,
    metadata: AccountMetadata,
    now: Timestamp,
}

impl World {
    fn new(size: u64) -> Self {
        Self::lasting(size, 30)
    }

    fn lasting(size: u64, seconds: u64) -> Self {
        let file: VideoFile = serde_json::from_value(json!({
            "url": "https://cdn.example/v.mp4", "size": size, "etag": "\"1\"", "last_modified": null,
            "media_type": "video/mp4", "ranged": true,
        }))
        .unwrap();
        let facts: VideoFacts = serde_json::from_value(json!({
            "container": "mp4", "duration": {"secs": seconds, "nanos": 0}, "width": 1920, "height": 1080,
            "rotation": 0, "frame_rate": 30.0, "video_codec": "h264", "audio_codec": "aac", "size": size,
            "fragmented": false,
        }))
        .unwrap();
        let options = json!({
            "title": "Launch day", "privacyStatus": "public", "selfDeclaredMadeForKids": false,
            "containsSyntheticMedia": true, "tags": ["demo", "launch day"],
        });
        let token = AccessToken::new("ya29.canary");
        let metadata = AccountMetadata::default();
        let now = "2026-12-01T12:00:00Z".parse().unwrap();
        Self {
            settings: settings(),
            video: PinnedVideo { file, facts },
            options: serde_json::from_value(options).unwrap(),
            token,
            metadata,
            now,
        }
    }

    fn cx(&self) -> Context<'_> {
        let publication = crate::platform::Publication {
            video_url: "https://cdn.example/v.mp4",
            video: &self.video,
            caption: "hello",
            title: None,
            options: &self.options,
            account: AccountRef {
                id: "UCdemo000000000000000001",
                username: Some("demostudio"),
                metadata: &self.metadata,
            },
            result: ResultId(Uuid::nil()),
        };
        CallContext { publication, settings: &self.settings, token: &self.token, now: self.now }
    }

    fn call(&self, step: &Step) -> Call {
        YouTube.call(step, &self.cx())
    }

    fn read(&self, step: Step, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
        YouTube.advance(step, reply, &self.cx())
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

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, headers: http::HeaderMap::new(), body: Bytes::copy_from_slice(body.as_bytes()) }
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
    reply(status, &body.to_string())
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
