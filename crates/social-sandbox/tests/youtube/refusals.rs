//! Everything that YouTube rejects.

use serde_json::{Value, json};
use social_sandbox::youtube::{Limits, SCOPES};

use crate::harness::{resource, stage, tokens};
use crate::stage::read;

#[tokio::test]
async fn a_video_has_to_be_described_right_in_every_field() {
    let stage = stage().await;
    stage.sandbox.youtube().set_limits(Limits::unlimited());
    let token = stage.connect("demostudio").await.access;
    let with = |object: &str, name: &str, value: Value| {
        let mut body = resource();
        body[object][name] = value;
        body
    };
    let long = "🎬".repeat(51);
    for (object, name, value, reason) in [
        ("snippet", "title", json!(""), "invalidTitle"),
        ("snippet", "title", Value::Null, "invalidTitle"),
        ("snippet", "title", json!("a <b>"), "invalidTitle"),
        ("snippet", "title", json!(long), "invalidTitle"),
        ("snippet", "description", json!("é".repeat(2_501)), "invalidDescription"),
        ("snippet", "description", json!("1 > 0"), "invalidDescription"),
        ("snippet", "tags", json!(["a".repeat(501)]), "invalidTags"),
        ("snippet", "tags", json!("demo"), "badRequest"),
        ("snippet", "categoryId", json!("99"), "invalidCategoryId"),
        ("snippet", "categoryId", json!(22), "badRequest"),
        ("snippet", "colour", json!("red"), "badRequest"),
        ("status", "privacyStatus", json!("friends"), "badRequest"),
        ("status", "containsSyntheticMedia", json!("yes"), "badRequest"),
        ("status", "publishAt", json!("2999-01-01T00:00:00Z"), "invalidPublishAt"),
        ("status", "license", json!("gpl"), "badRequest"),
    ] {
        let refused = stage.insert(&token, &with(object, name, value.clone()), 100).await.refused();
        assert_eq!(refused, (400, reason.to_owned()), "{name} = {value}");
    }
    for (object, name, value) in [
        ("snippet", "title", json!("🎬".repeat(50))),
        ("snippet", "description", json!("é".repeat(2_500))),
        ("snippet", "categoryId", json!("10")),
        ("status", "license", json!("creativeCommon")),
    ] {
        let reply = stage.insert(&token, &with(object, name, value), 100).await;
        assert_eq!(reply.status, 200, "{name}: {}", reply.body);
    }
    let mut extra = resource();
    extra["paidProductPlacementDetails"] = json!({ "hasPaidProductPlacement": true });
    assert_eq!(stage.insert(&token, &extra, 100).await.refused(), (400, "unexpectedPart".into()));
}

#[tokio::test]
async fn a_session_is_opened_with_the_right_query_and_headers_only() {
    let stage = stage().await;
    stage.sandbox.youtube().set_limits(Limits::unlimited());
    let token = stage.connect("demostudio").await.access;
    let base = format!("{}/youtube/upload/youtube/v3/videos", stage.base);
    for (query, reason) in [
        ("uploadType=carrier&part=snippet,status", "badRequest"),
        ("part=snippet,status", "missingRequiredParameter"),
        ("uploadType=resumable", "missingRequiredParameter"),
        ("uploadType=resumable&part=snippet,status,colour", "unknownPart"),
        ("uploadType=resumable&part=snippet", "unexpectedPart"),
        ("uploadType=resumable&part=snippet,status&colour=red", "badRequest"),
        ("uploadType=resumable&part=snippet,status&notifySubscribers=maybe", "badRequest"),
        ("uploadType=resumable&part=snippet,status&onBehalfOfContentOwner=x", "badRequest"),
    ] {
        let request = stage.client.post(format!("{base}?{query}")).bearer_auth(&token);
        let request = request.header("content-type", "application/json");
        let request =
            request.header("x-upload-content-length", 100).header("x-upload-content-type", "video/mp4");
        let refused = read(request.body(resource().to_string())).await.refused();
        assert_eq!(refused, (400, reason.to_owned()), "{query}");
    }
    for (name, value, status, reason) in [
        ("content-type", "text/plain", 400, "badRequest"),
        ("x-upload-content-length", "0", 400, "badRequest"),
        ("x-upload-content-length", "many", 400, "badRequest"),
        ("x-upload-content-length", "274877906945", 413, "uploadTooLarge"),
        ("x-upload-content-type", "image/png", 400, "badContent"),
        ("slug", "a/b.mp4", 400, "invalidFilename"),
        ("authorization", "Bearer none", 401, "authError"),
    ] {
        let mut request = stage.insert_request(&token, &resource(), 100).build().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        let response = stage.client.execute(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{name}: {value}");
        let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(body["error"]["errors"][0]["reason"], reason, "{name}: {value}");
        assert_eq!(body["error"]["code"], status);
    }
    let nothing = stage.client.post(format!("{base}?uploadType=resumable&part=snippet")).bearer_auth(&token);
    assert_eq!(read(nothing).await.status, 411);
    let form = [("account", "demostudio"), ("scope", SCOPES[1]), ("decision", "allow")];
    let reader = tokens(&stage.exchange(&stage.consent(&form).await["code"]).await).access;
    let refused = stage.insert(&reader, &resource(), 100).await.refused();
    assert_eq!(refused, (403, "insufficientPermissions".into()));
}

#[tokio::test]
async fn a_read_has_to_name_known_parts_and_a_filter() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    for (path, reason) in [
        ("channels?mine=true", "missingRequiredParameter"),
        ("channels?part=snippet", "missingRequiredParameter"),
        ("channels?part=snippet,colour&mine=true", "unknownPart"),
        ("channels?part=snippet&mine=false", "badRequest"),
        ("channels?part=snippet&mine=true&colour=red", "badRequest"),
        ("videos?part=status", "missingRequiredParameter"),
        ("videos?id=abc", "missingRequiredParameter"),
        ("playlistItems?part=snippet", "missingRequiredParameter"),
        ("playlistItems?part=snippet&playlistId=UU1&maxResults=51", "badRequest"),
        ("playlistItems?part=snippet&playlistId=UU1&pageToken=x", "invalidPageToken"),
        ("channels?part=snippet&mine=true&id=UC1", "incompatibleParameters"),
        ("channels?part=snippet&forUsername=demostudio", "badRequest"),
        ("channels?part=snippet&mine=true&alt=xml", "badRequest"),
        ("channels?part=snippet&mine=true&alt=proto", "badRequest"),
        ("channels?part=snippet&mine=true&prettyPrint=nicely", "badRequest"),
        ("channels?part=snippet&mine=true&$.xgafv=3", "badRequest"),
        ("channels?part=snippet&mine=true&callback=shown", "badRequest"),
        ("channels?part=snippet&mine=true&fields=items(", "invalidParameter"),
    ] {
        assert_eq!(stage.get(&token, path).await.refused(), (400, reason.into()), "{path}");
    }
    assert_eq!(stage.video(&token, "unknown0000").await, None);
}

#[tokio::test]
async fn a_suspended_channel_gets_its_error() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    let body = json!({ "handle": "demostudio", "standing": "suspended" });
    let ask = stage.client.post(format!("{}/control/youtube/channels", stage.base));
    let ask = ask.header("content-type", "application/json").body(body.to_string());
    assert_eq!(read(ask).await.status, 200);
    let refused = stage.insert(&token, &resource(), 100).await.refused();
    assert_eq!(refused, (403, "authenticatedUserAccountSuspended".into()));
}
