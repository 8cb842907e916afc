//! Facebook's calls (Page, `video_reels` and `videos`).

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::checkpoint::{Clip, Sending, Step};
use super::facts::GRAPH;
use super::options::{Context, is_reel, texts};
use crate::config::PlatformSettings;
use crate::http::{Body, Call, Effect, VideoPart};
use crate::platform::meta::{api_call, proof, upload_call};
use crate::secret::{AccessToken, FormValue};

/// Returns a call with a token, and the proof that its sender also knows the app's secret.
pub(super) fn proven(call: Call, settings: &PlatformSettings, token: &AccessToken) -> Call {
    call.query(&[("appsecret_proof", &proof(settings, token))]).bearer(token)
}

pub(super) fn call(step: &Step, cx: &Context<'_>) -> Call {
    let page = cx.publication.account.id;
    let post = |edge: &str, body: Value, effect| {
        api_call(cx.settings, GRAPH, &format!("/{page}/{edge}"), Some(body), effect)
    };
    let call = match step {
        // A video without any bytes is never visible.
        Step::Start { .. } if is_reel(&cx.publication) => {
            post("video_reels", json!({ "upload_phase": "start" }), Effect::Idempotent)
        }
        Step::Start { .. } => {
            let size = cx.publication.video.file.size;
            post("videos", json!({ "upload_phase": "start", "file_size": size }), Effect::Idempotent)
        }
        Step::Upload { clip: Clip { sending: Sending::Reel { to, offset }, size, .. }, .. } => {
            return upload_call(to, cx.token, *offset, *size);
        }
        Step::Upload { clip: Clip { sending: Sending::Pieces { session, start, end }, .. }, .. } => {
            let url = api_call(cx.settings, GRAPH, &format!("/{page}/videos"), None, Effect::Read).url;
            Call::new(http::Method::POST, url, Effect::Once)
                .body(piece(session, *start, *end, cx))
                .timeout(Duration::from_mins(2))
        }
        Step::Check { clip, .. } => status(clip, "status", cx),
        Step::Poll { clip, .. } => status(clip, "status,permalink_url,post_id,published", cx),
        // The one call that must not be sent twice.
        Step::Finish { clip, .. } => {
            let mut body: Map<String, Value> = texts(&cx.publication, &clip.sending);
            body.insert("upload_phase".to_owned(), "finish".into());
            let edge = match &clip.sending {
                Sending::Reel { .. } => {
                    body.insert("video_id".to_owned(), clip.video.as_str().into());
                    "video_reels"
                }
                Sending::Pieces { session, .. } => {
                    body.insert("upload_session_id".to_owned(), session.as_str().into());
                    "videos"
                }
            };
            post(edge, body.into(), Effect::Once)
        }
    };
    proven(call, cx.settings, cx.token)
}

fn status(clip: &Clip, fields: &str, cx: &Context<'_>) -> Call {
    api_call(cx.settings, GRAPH, &format!("/{}", clip.video), None, Effect::Read).query(&[("fields", fields)])
}

/// Returns one piece, which publishes nothing. The status shows whether a piece arrived whose response was
/// lost.
fn piece(session: &str, start: u64, end: u64, cx: &Context<'_>) -> Body {
    Body::VideoPart(VideoPart {
        fields: vec![
            ("upload_phase", FormValue::new("transfer")),
            ("upload_session_id", FormValue::new(session)),
            ("start_offset", FormValue::new(start.to_string())),
        ],
        name: "video_file_chunk",
        // Only someone who knows the app's secret can predict it.
        boundary: proof(cx.settings, &AccessToken::new(format!("{session} {start}"))),
        start,
        end,
    })
}
