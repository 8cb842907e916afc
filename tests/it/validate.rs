//! `/validate` reports in advance what publishing would report, for the account as it is now.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::source::{padded, video};
use crate::stand_in;
use crate::world::{World, public, read};

async fn validate(world: &World, body: Value) -> Value {
    let (status, verdict) = world.post("/social-posts/validate", "alice", body).await;
    assert_eq!(status, StatusCode::OK, "{verdict}");
    verdict
}

fn codes(verdict: &Value, of: &str) -> Vec<String> {
    verdict[of].as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_privacy_level_that_is_not_offered_is_reported_in_advance() {
    let world = World::new().await;
    let account = world.connect_private("quietgarden").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let draft = |options: Value| json!({"videoUrl": url, "caption": "hi", "results": [{"accountId": account, "tiktok": options}]});
    let verdict = validate(&world, draft(public())).await;
    assert_eq!(codes(&verdict, "errors"), ["privacy_level_option_mismatch"], "{verdict}");
    assert_eq!(verdict["errors"][0]["field"], "results[0].tiktok.privacy_level");
    let verdict = validate(&world, draft(json!({"privacy_level": "SELF_ONLY"}))).await;
    assert_eq!((&verdict["valid"], codes(&verdict, "errors")), (&json!(true), vec![]), "{verdict}");
    assert_eq!(verdict["surfaces"], json!([{"accountId": account, "surface": "TikTok"}]));
    // A draft's owner chooses in the app, so the creator query is not needed.
    let asked = world.sandbox.tiktok().calls("creator_info");
    let verdict = validate(&world, draft(json!({"post_mode": "MEDIA_UPLOAD"}))).await;
    assert_eq!(verdict["surfaces"][0]["surface"], "TikTok's inbox");
    assert_eq!(world.sandbox.tiktok().calls("creator_info"), asked);
}

#[tokio::test]
async fn each_account_is_checked_with_its_own_format() {
    let world = World::new().await;
    let mut results = Vec::new();
    for (platform, options) in [
        ("tiktok", public()),
        ("instagram", json!({})),
        ("facebook", json!({})),
        ("youtube", json!({"title": "Hi", "privacyStatus": "unlisted", "selfDeclaredMadeForKids": false})),
    ] {
        let stand_in = stand_in::of(platform);
        stand_in.without_limits(&world.sandbox);
        let account = world.connect_on(stand_in, "alice", "demokitchen").await;
        results.push(json!({"accountId": account, platform: options}));
    }
    let url = world.videos.put("v.mp4", video(1_000_000));
    let verdict = validate(&world, json!({"videoUrl": url, "caption": "hi", "results": results})).await;
    assert_eq!(verdict["valid"], true, "{verdict}");
    let surfaces: Vec<&str> =
        verdict["surfaces"].as_array().unwrap().iter().map(|s| s["surface"].as_str().unwrap()).collect();
    assert_eq!(surfaces, ["TikTok", "Instagram Reels", "Facebook Reels", "YouTube Shorts"]);

    // More bytes than Instagram accepts, and a higher bit rate than it recommends.
    let heavy = world.videos.put("heavy.mp4", padded(&video(1_000_000), 310_000_000));
    let verdict = validate(&world, json!({"videoUrl": heavy, "caption": "hi", "results": results})).await;
    assert_eq!(codes(&verdict, "errors"), ["video_too_large"], "{verdict}");
    assert_eq!(verdict["errors"][0]["accountId"], results[1]["accountId"]);
    assert!(codes(&verdict, "warnings").contains(&"video_bit_rate".to_owned()), "{verdict}");
}

#[tokio::test]
async fn a_link_that_ends_before_the_post_is_due_is_a_warning() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let signed = |day: &str| format!("{url}?X-Amz-Date={day}T120000Z&X-Amz-Expires=3600&X-Amz-Signature=a");
    for (day, warned) in [("20261201", true), ("20261203", false)] {
        let body = json!({"videoUrl": signed(day), "caption": "hi", "publishAt": "2026-12-02T18:00:00Z",
            "results": [{"accountId": account, "tiktok": public()}]});
        let verdict = validate(&world, body.clone()).await;
        assert_eq!(
            codes(&verdict, "warnings").contains(&"video_url_ends_early".to_owned()),
            warned,
            "{verdict}"
        );
        assert_eq!(verdict["valid"], true);
        let (status, _) = world.post("/social-posts", "alice", body).await;
        assert_eq!(status, StatusCode::ACCEPTED);
    }
}

#[tokio::test]
async fn an_edit_is_checked_as_a_new_post_is() {
    let world = World::new().await;
    let stand_in = stand_in::of("youtube");
    let youtube = world.connect_on(stand_in, "alice", "demostudio").await;
    let tiktok = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let body = json!({"videoUrl": url, "caption": "", "title": "Hello", "publishAt": "2026-12-24T18:00:00Z", "results": [
        {"accountId": tiktok, "caption": "my own", "tiktok": public()},
        {"accountId": youtube, "youtube": {"privacyStatus": "unlisted", "selfDeclaredMadeForKids": false}}]});
    let (status, post) = world.post("/social-posts", "alice", body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{post}");
    let path = format!("/social-posts/{}", post["id"].as_str().unwrap());
    let edit = |body: Value| {
        let (world, path) = (&world, path.clone());
        async move { read(&world.call(Method::PATCH, &path, Some("alice"), Some(body)).await) }
    };
    // Without a title and a caption, YouTube has no title; TikTok has its own error.
    let (status, refused) = edit(json!({"version": 1, "title": " "})).await;
    assert_eq!(
        (status, &refused["error"]["code"], &refused["error"]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("title_missing"), &json!("title")),
        "{refused}"
    );
    let (status, edited) = edit(json!({"version": 1, "title": "Better"})).await;
    assert_eq!((status, &edited["title"]), (StatusCode::OK, &json!("Better")));
    // A problem that no edit can fix does not prevent a change of the time.
    world.execute("update social_accounts set scopes = '{}' where platform = 'youtube'").await;
    let (status, edited) = edit(json!({"version": 2, "publishAt": "2026-12-25T18:00:00Z"})).await;
    assert_eq!(status, StatusCode::OK, "{edited}");
}
