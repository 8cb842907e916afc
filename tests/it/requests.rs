//! Requests: bad ones are rejected by name, repeated ones count once, and no owner reaches another's objects.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use social_core::web::Arrival;

use crate::source::video;
use crate::world::{World, answer, public, read};

#[tokio::test]
async fn bad_input_is_rejected_by_name_and_nothing_is_created() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let bobs = world.connect("bob", "bobcooks").await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = json!({"videoUrl": "http://127.0.0.1:9/v.mp4", "caption": "hi", "results": [{"accountId": account, "tiktok": {"privacy_level": "SELF_ONLY"}}]});
        change(&mut body);
        body
    };
    let cases: Vec<(Value, &str, &str)> = vec![
        (with(&|b| b["caption"] = json!(" ")), "caption_empty", "caption"),
        (
            with(&|b| b["results"][0]["tiktok"] = json!({})),
            "privacy_level_missing",
            "results[0].tiktok.privacy_level",
        ),
        (
            with(&|b| b["results"][0]["tiktok"]["privacy_level"] = json!("ALL")),
            "privacy_level_unknown",
            "results[0].tiktok.privacy_level",
        ),
        (with(&|b| b["results"][0]["accountId"] = json!(bobs)), "account_not_found", "results[0].accountId"),
        (
            with(&|b| b["results"][0]["accountId"] = json!("nonsense")),
            "account_not_found",
            "results[0].accountId",
        ),
        (with(&|b| b["vidoeUrl"] = json!("x")), "unknown_field", "vidoeUrl"),
        (with(&|b| b["results"][0]["flickr"] = json!({})), "unknown_field", "results[0].flickr"),
        (with(&|b| b["results"][0]["youtube"] = json!({})), "other_platforms_options", "results[0].youtube"),
        (
            with(&|b| b["results"][0]["tiktok"]["is_aigc"] = json!("yes")),
            "invalid_option",
            "results[0].tiktok.is_aigc",
        ),
        (
            with(&|b| b["results"][0]["tiktok"]["colour"] = json!(1)),
            "invalid_option",
            "results[0].tiktok.colour",
        ),
        (with(&|b| b["results"][0]["tiktok"] = json!("x")), "invalid_option", "results[0].tiktok"),
        (
            with(&|b| b["results"][0]["tiktok"]["privacy_level"] = json!("a\0b")),
            "invalid_text",
            "results[0].tiktok",
        ),
        (with(&|b| b["results"][0]["caption"] = json!(5)), "invalid_field", "results[0].caption"),
        (with(&|b| b["results"][0] = json!({})), "missing_field", "results[0].accountId"),
        (with(&|b| b["results"][0] = json!([])), "invalid_field", "results[0]"),
        (with(&|b| b["results"] = json!([])), "invalid_results", "results"),
        (with(&|b| b["publishAt"] = json!("tomorrow")), "invalid_field", "publishAt"),
        (with(&|b| b["publishAt"] = json!("-4800-01-01T00:00:00Z")), "invalid_field", "publishAt"),
        (
            with(&|b| b["results"][0]["consent"] = json!({"wording": "Yes"})),
            "missing_field",
            "results[0].consent.at",
        ),
        (
            with(&|b| {
                b.as_object_mut().unwrap().remove("videoUrl");
            }),
            "missing_field",
            "videoUrl",
        ),
        (
            with(&|b| b["videoUrl"] = json!("http://169.254.169.254/latest")),
            "video_url_forbidden",
            "videoUrl",
        ),
        (with(&|b| b["videoUrl"] = json!("https://10.0.0.1/v.mp4")), "video_url_forbidden", "videoUrl"),
        (
            with(&|b| {
                let twice = b["results"][0].clone();
                b["results"].as_array_mut().unwrap().push(twice);
            }),
            "duplicate_account",
            "results[1].accountId",
        ),
    ];
    for (body, code, field) in cases {
        let (status, answer) = world.post("/social-posts", "alice", body.clone()).await;
        assert_eq!(
            (status, answer["error"]["code"].as_str(), answer["error"]["field"].as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some(code), Some(field)),
            "{body} → {answer}"
        );
    }
    let broken = http::Request::post("/api/social-posts")
        .header("authorization", format!("Bearer {}", crate::world::token("alice")))
        .body(bytes::Bytes::from_static(b"{"))
        .unwrap();
    let refused = answer(&world.app, broken, Arrival::default()).await;
    assert_eq!(read(&refused).0, StatusCode::BAD_REQUEST);
    assert_eq!(world.scalar("select count(*) from social_posts").await, 0);
}

#[tokio::test]
async fn an_unsupported_method_gets_the_supported_ones() {
    let world = World::new().await;
    let id = "019ae2c4-7d10-7c3e-9b0e-0c5b9a1f2d11";
    for (path, allowed) in [
        ("/social-posts".to_owned(), "GET, POST"),
        ("/social-posts/validate".to_owned(), "POST"),
        (format!("/social-posts/{id}"), "GET, PATCH"),
        (format!("/social-posts/{id}/attempts"), "GET"),
        (format!("/social-posts/{id}/cancel"), "POST"),
        (format!("/social-posts/{id}/retry"), "POST"),
        (format!("/social-posts/{id}/resolve"), "POST"),
        ("/social-accounts".to_owned(), "GET"),
        (format!("/social-accounts/{id}"), "GET, DELETE"),
        (format!("/social-accounts/{id}/posting-options"), "GET"),
        ("/social-accounts-connect".to_owned(), "GET, POST"),
        ("/social-accounts-callback".to_owned(), "GET, HEAD"),
        ("/tiktok-webhook".to_owned(), "POST"),
        ("/social-health".to_owned(), "GET, HEAD"),
    ] {
        let answer = world.call(Method::PUT, &path, Some("alice"), None).await;
        let allow = answer.headers().get(http::header::ALLOW).map(|value| value.to_str().unwrap());
        assert_eq!((answer.status(), allow), (StatusCode::METHOD_NOT_ALLOWED, Some(allowed)), "{path}");
    }
}

#[tokio::test]
async fn another_users_ids_are_not_found() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish("alice", &account, &url, public()).await;
    for (method, path) in [
        (Method::GET, format!("/social-posts/{post}")),
        (Method::GET, format!("/social-posts/{post}/attempts")),
        (Method::POST, format!("/social-posts/{post}/cancel")),
        (Method::POST, format!("/social-posts/{post}/retry")),
        (Method::GET, format!("/social-accounts/{account}/posting-options")),
    ] {
        let answer = world.call(method, &path, Some("bob"), None).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_same_request_with_the_same_key_is_one_post() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let body = |caption: &str| json!({"videoUrl": "http://127.0.0.1:9/v.mp4", "caption": caption, "results": [{"accountId": account, "tiktok": {"privacy_level": "SELF_ONLY"}}]});
    let create = |body: Value| {
        let request = http::Request::post("/api/social-posts")
            .header("authorization", format!("Bearer {}", crate::world::token("alice")))
            .header("idempotency-key", "order-8841")
            .body(bytes::Bytes::from(body.to_string()))
            .unwrap();
        async { read(&answer(&world.app, request, Arrival::default()).await) }
    };
    let same = futures_util::future::join_all((0..5).map(|_| create(body("one")))).await;
    let ids: std::collections::HashSet<&str> = same
        .iter()
        .map(|(status, post)| {
            assert_eq!(*status, StatusCode::ACCEPTED, "{post}");
            post["id"].as_str().unwrap()
        })
        .collect();
    assert_eq!(ids.len(), 1);
    let (status, other) = create(body("two")).await;
    assert_eq!(
        (status, &other["error"]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("idempotency_key_reused"))
    );
    assert_eq!(world.scalar("select count(*) from social_posts").await, 1);
}

#[tokio::test]
async fn an_ai_label_is_set_once_and_sent_to_each_platform() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let post = async |said: Value, of_result: Value, own: Value| {
        let mut options = json!({"privacy_level": "SELF_ONLY", "is_aigc": own});
        if own.is_null() {
            options.as_object_mut().unwrap().remove("is_aigc");
        }
        let body = json!({"videoUrl": "http://127.0.0.1:9/v.mp4", "caption": "hi", "aiGenerated": said,
            "results": [{"accountId": account, "aiGenerated": of_result, "tiktok": options}]});
        world.post("/social-posts", "alice", body).await
    };
    let (yes, no, nothing) = (json!(true), json!(false), Value::Null);
    let cases = [
        // The post, the result, the option; the body.
        (&nothing, &nothing, &nothing, None),
        (&nothing, &nothing, &yes, Some(true)),
        (&yes, &nothing, &nothing, Some(true)),
        (&yes, &nothing, &yes, Some(true)),
        (&yes, &no, &nothing, Some(false)),
        (&no, &yes, &nothing, Some(true)),
        (&yes, &no, &no, Some(false)),
    ];
    for (said, of_result, own, expected) in cases {
        let (status, made) = post(said.clone(), of_result.clone(), own.clone()).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{made}");
        let result = &made["results"][0];
        assert_eq!(result["options"]["is_aigc"].as_bool(), expected, "{made}");
        assert_eq!(result["aiGenerated"].as_bool(), expected, "{made}");
        assert_eq!(&made["aiGenerated"], said);
    }
    for (said, of_result, own) in [(&yes, &nothing, &no), (&nothing, &yes, &no), (&yes, &no, &yes)] {
        let (status, refused) = post(said.clone(), of_result.clone(), own.clone()).await;
        assert_eq!(
            (status, &refused["error"]["code"], &refused["error"]["field"]),
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                &json!("ai_label_contradiction"),
                &json!("results[0].tiktok.is_aigc")
            )
        );
    }
    let (_, refused) = post(nothing.clone(), json!("yes"), nothing.clone()).await;
    assert_eq!(refused["error"]["field"], "results[0].aiGenerated");
}

#[tokio::test]
async fn a_label_set_on_the_post_reaches_tiktok() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(200_000));
    let body = json!({"videoUrl": url, "caption": "hi", "aiGenerated": true,
        "results": [{"accountId": account, "tiktok": {"privacy_level": "SELF_ONLY"}}]});
    let (_, verdict) = world.post("/social-posts/validate", "alice", body.clone()).await;
    assert_eq!(verdict["valid"], true, "{verdict}");
    world.post("/social-posts", "alice", body).await;
    world.run_to_the_end().await;
    assert!(world.sandbox.tiktok().published()[0].is_aigc);
}
