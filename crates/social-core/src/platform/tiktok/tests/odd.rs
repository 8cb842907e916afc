//! The important data in TikTok's responses.

use super::*;
use crate::model::Grant;
use crate::platform::odd_replies::Sample;
use crate::secret::AccessToken;

const TIME: i64 = 1_760_000_000;

/// Returns the outcome of a step after a response.
fn step(
    types: &'static [&'static str],
    essential: &'static [&'static str],
    step: fn() -> Step,
    data: &Value,
) -> Sample {
    let good = json!({"data": data, "error": {"code": "ok", "message": "", "log_id": "L1"}});
    let world = World::<TikTok>::public(25_000_000);
    let read = move |reply: &Reply| match world.read(step(), reply) {
        Ok(Progress::Published(receipt, _)) => format!("published {:?}", receipt.post_id),
        other => format!("{other:?}"),
    };
    Sample { types, good, essential, read: Box::new(read) }
}

fn signed(reply: &Reply) -> String {
    let settings = settings_of("ck", "cs");
    let body = std::str::from_utf8(&reply.body).unwrap();
    let hex = settings.client_secret.proof(&format!("{TIME}.{body}"));
    let now = crate::clock::Timestamp::from_timestamp(TIME, 0).unwrap();
    let received = webhook::receive(&format!("t={TIME},s={hex}"), &reply.body, &settings, now);
    received.map_or_else(|refusal| refusal.to_string(), |delivery| format!("{:?}", delivery.event))
}

pub(in crate::platform) fn samples() -> Vec<Sample> {
    let user = json!({"user": {"open_id": "o1", "display_name": "Demo", "username": "demo", "avatar_url": "https://x",
        "follower_count": 7, "video_count": 2}});
    let content = json!({"publish_id": "v_pub_file~1", "publish_type": "DIRECT_POST"}).to_string();
    vec![
        step(
            &["tiktok/Envelope", "tiktok/ErrorBody", "tiktok/Creator"],
            &[
                "/data/privacy_level_options",
                "/data/max_video_post_duration_sec",
                "/data/creator_username",
                "/error/code",
            ],
            || Step::Creator { inits: 0 },
            &json!({"creator_username": "demo", "creator_nickname": "Demo", "creator_avatar_url": "https://x",
                "privacy_level_options": ["PUBLIC_TO_EVERYONE", "SELF_ONLY"], "comment_disabled": false,
                "max_video_post_duration_sec": 600}),
        ),
        step(
            &["tiktok/Init"],
            &["/data/publish_id", "/data/upload_url", "/error/code"],
            || Step::Init { handle: None, inits: 0 },
            &json!({"publish_id": "v_pub_file~1",
                "upload_url": "https://open-upload.tiktokapis.com/video/?upload_id=1&upload_token=canary"}),
        ),
        step(
            &["tiktok/Status"],
            &["/data/status", "/data/publicaly_available_post_id/0", "/error/code"],
            poll,
            &json!({"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": [7_602_997_517_160_123_666_u64],
                "uploaded_bytes": 25_000_000, "downloaded_bytes": 0, "fail_reason": ""}),
        ),
        Sample {
            types: &["tiktok/UserInfo", "tiktok/User"],
            good: json!({"data": user, "error": {"code": "ok", "message": "", "log_id": "L1"}}),
            essential: &["/data/user/open_id", "/error/code"],
            read: Box::new(|reply| {
                let (settings, grant) = (settings_of("ck", "cs"), Grant::new(AccessToken::new("act.1")));
                match TikTok.read_accounts(&settings, &grant, None, reply) {
                    Ok(listed) => listed.accounts[0].id.clone(),
                    Err(error) => error.code,
                }
            }),
        },
        Sample {
            types: &["tiktok/Envelope", "tiktok/Content"],
            good: json!({"client_key": "ck", "event": "post.publish.complete", "create_time": TIME, "user_openid": "o1",
                "content": content}),
            essential: &["/client_key", "/event", "/content"],
            read: Box::new(signed),
        },
    ]
}

#[test]
fn an_error_is_one_in_whichever_way_it_is_written() {
    let world = World::<TikTok>::public(25_000_000);
    let code = |body: &str| world.read(poll(), &reply(401, body)).unwrap_err();
    let both =
        code(r#"{"error": {"code": "access_token_invalid", "logid": "L2", "log_id": "L3", "message": 5}}"#);
    assert_eq!((both.code.as_str(), both.log_id.as_deref()), ("access_token_invalid", Some("L3")));
    assert_eq!(code(r#"{"data": [], "error": {"code": 5, "log_id": {}}}"#).code, "5");
    assert_eq!(code(r#"{"data": null, "error": null}"#).code, "http_401");
}

#[test]
fn a_text_with_nul_and_half_a_character_is_read_without_them() {
    let world = World::<TikTok>::public(25_000_000);
    let body = r#"{"data": {"publish_id": "v\u0000_pub\ud800~1", "upload_url": "https://open-upload.tiktokapis.com/v"},
        "error": {"code": "ok"}}"#;
    let Ok(Progress::Next(Step::Upload { task, .. })) =
        world.read(Step::Init { handle: None, inits: 0 }, &reply(200, body))
    else {
        panic!()
    };
    assert_eq!(task.publish_id, "v_pub\u{fffd}~1");
}
