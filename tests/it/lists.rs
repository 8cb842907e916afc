//! What the lists of posts and accounts tell, and what they can be asked for.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use social_core::clock::Timestamp;
use social_sandbox::{Fault, FaultKind};

use crate::source::video;
use crate::world::{World, public};

/// Creates a post and returns its id.
async fn create(world: &World, account: &str, caption: &str, days: Option<u64>, more: &Value) -> String {
    // Posts of one millisecond are listed in any order.
    world.advance(Duration::from_secs(1)).await;
    let url = world.videos.put(&format!("{caption}.mp4"), video(100_000));
    let at = days.map(|days| (world.now() + Duration::from_hours(24 * days)).to_rfc3339());
    let mut body = json!({
        "videoUrl": url, "caption": caption, "publishAt": at, "results": [{"accountId": account, "tiktok": public()}],
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (status, post) = world.post("/social-posts", "alice", body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{post}");
    post["id"].as_str().unwrap().to_owned()
}

/// Returns the captions of the posts that a query lists for alice.
async fn listed(world: &World, query: &str) -> Vec<String> {
    let (status, body) = world.get(&format!("/social-posts?{query}"), "alice").await;
    assert_eq!(status, StatusCode::OK, "{query}: {body}");
    let posts = body["posts"].as_array().unwrap();
    posts.iter().map(|post| post["caption"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_platforms_say_whether_they_are_set_up_and_name_variables_without_values() {
    let world = World::new().await;
    let (status, setup) = world.get("/social-accounts/platforms", "alice").await;
    assert_eq!(status, StatusCode::OK, "{setup}");
    let platforms = setup["platforms"].as_array().unwrap();
    let of = |name: &str| platforms.iter().find(|each| each["platform"] == name).unwrap();
    assert_eq!(
        of("tiktok"),
        &json!({"platform": "tiktok", "status": "ready", "missing": [], "audited": null})
    );
    for each in platforms.iter().filter(|each| each["status"] == "notSetUp") {
        let missing = each["missing"].as_array().unwrap();
        assert_eq!(missing.len(), 2, "{each}");
        assert!(missing.iter().all(|name| name.as_str().unwrap().contains("_CLIENT_")), "{each}");
    }
    assert_eq!(setup["links"], json!({"terms": null, "privacy": null}));
    // Only users may read it.
    let call = world.call(Method::GET, "/social-accounts/platforms", None, None).await;
    assert_eq!(call.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn posts_are_listed_by_state_account_text_and_time_and_only_their_owners() {
    let world = World::new().await;
    world.without_limits();
    let kitchen = world.connect("alice", "demokitchen").await;
    let garden = world.connect("alice", "quietgarden").await;
    create(&world, &kitchen, "Published soup", None, &json!({})).await;
    world.run_to_the_end().await;
    create(&world, &kitchen, "Tomorrow's soup", Some(1), &json!({"title": "A Recipe"})).await;
    create(&world, &garden, "Roses", Some(2), &json!({"externalId": "order-100%"})).await;
    let cancelled = create(&world, &garden, "Weeds", Some(3), &json!({})).await;
    let call =
        world.call(Method::POST, &format!("/social-posts/{cancelled}/cancel"), Some("alice"), None).await;
    assert_eq!(call.status(), StatusCode::OK);

    let hours =
        |hours: u64| (world.now() + Duration::from_hours(hours)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    for (query, expected) in [
        (String::new(), vec!["Weeds", "Roses", "Tomorrow's soup", "Published soup"]),
        ("state=scheduled".to_owned(), vec!["Roses", "Tomorrow's soup"]),
        ("state=published,cancelled".to_owned(), vec!["Weeds", "Published soup"]),
        ("state=needsAttention".to_owned(), vec![]),
        (format!("accountId={garden}"), vec!["Weeds", "Roses"]),
        (format!("accountId={garden},{kitchen}&state=scheduled"), vec!["Roses", "Tomorrow's soup"]),
        ("text=SOUP".to_owned(), vec!["Tomorrow's soup", "Published soup"]),
        ("text=recipe".to_owned(), vec!["Tomorrow's soup"]),
        // What is a pattern elsewhere is text here.
        ("text=100%25".to_owned(), vec!["Roses"]),
        ("text=%25".to_owned(), vec!["Roses"]),
        (format!("from={}&to={}", hours(47), hours(49)), vec!["Roses"]),
        (format!("to={}", hours(23)), vec!["Published soup"]),
        (format!("from={}", hours(96)), vec![]),
    ] {
        assert_eq!(listed(&world, &query).await, expected, "{query}");
    }
    // Pages count what fits.
    let (_, first) = world.get("/social-posts?state=scheduled&limit=1", "alice").await;
    let cursor = first["nextCursor"].as_str().unwrap();
    assert_eq!(
        listed(&world, &format!("state=scheduled&limit=1&cursor={cursor}")).await,
        ["Tomorrow's soup"]
    );
    // Another's account opens nothing.
    let (_, others) = world.get(&format!("/social-posts?accountId={kitchen}"), "bob").await;
    assert_eq!(others["posts"], json!([]));

    for (query, code, field) in [
        ("state=scheduled,asleep", "invalid_state", "state"),
        ("accountId=demokitchen", "invalid_account_id", "accountId"),
        ("from=tomorrow", "invalid_time", "from"),
        ("to=2026-12-01", "invalid_time", "to"),
        ("to=-4713-01-01T00:00:00Z", "invalid_time", "to"),
        (&format!("text={}", "x".repeat(201)), "text_too_long", "text"),
    ] {
        let (status, body) = world.get(&format!("/social-posts?{query}"), "alice").await;
        let error = &body["error"];
        let seen = (status, error["code"].as_str().unwrap(), error["field"].as_str().unwrap());
        assert_eq!(seen, (StatusCode::UNPROCESSABLE_ENTITY, code, field), "{query}");
    }
}

#[tokio::test]
async fn what_a_person_agreed_to_is_kept_with_the_result() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(100_000));
    let consent = json!({"at": "2026-12-01T09:20:00Z", "wording": "By posting, you agree to the rules."});
    let body = |consent: &Value| {
        json!({"videoUrl": url, "caption": "hello",
            "results": [{"accountId": account, "consent": consent, "tiktok": public()}]})
    };
    let (status, post) = world.post("/social-posts", "alice", body(&consent)).await;
    assert_eq!((status, &post["results"][0]["consent"]), (StatusCode::ACCEPTED, &consent), "{post}");
    world.run_to_the_end().await;
    let result = world.result("alice", post["id"].as_str().unwrap()).await;
    assert_eq!((&result["state"], &result["consent"]), (&json!("published"), &consent));

    for (wrong, field) in [
        (json!({"at": "2026-12-01T09:20:00Z", "wording": "x".repeat(501)}), "results[0].consent.wording"),
        (json!({"at": "today", "wording": "Yes"}), "results[0].consent.at"),
        (json!({"wording": "Yes"}), "results[0].consent.at"),
    ] {
        let (status, refused) = world.post("/social-posts", "alice", body(&wrong)).await;
        let seen = (status, refused["error"]["field"].as_str().unwrap());
        assert_eq!(seen, (StatusCode::UNPROCESSABLE_ENTITY, field), "{refused}");
    }
}

#[tokio::test]
async fn an_account_says_why_it_must_be_connected_again_and_how_much_waits_for_it() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let shown = async || {
        let (_, body) = world.get("/social-accounts", "alice").await;
        let (_, alone) = world.get(&format!("/social-accounts/{account}"), "alice").await;
        assert_eq!(body["accounts"][0], alone);
        alone
    };
    let before = shown().await;
    assert_eq!((&before["openResults"], &before["ended"]), (&json!(0), &Value::Null));
    // TikTok's refresh token lasts a year.
    let ends = before["expiresAt"].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert_eq!((ends - world.now()).num_days(), 365, "{before}");

    create(&world, &account, "Later", Some(1), &json!({})).await;
    create(&world, &account, "Now", None, &json!({})).await;
    assert_eq!(shown().await["openResults"], json!(2));

    let refused =
        FaultKind::Status { status: 401, code: "access_token_invalid".to_owned(), retry_after: None };
    world.sandbox.fail(Fault::tiktok("creator_info", refused).times(1));
    let ended = FaultKind::Status { status: 400, code: "invalid_grant".to_owned(), retry_after: None };
    world.sandbox.fail(Fault::tiktok("token", ended).times(1));
    world.work().await;
    let after = shown().await;
    assert_eq!((&after["status"], &after["openResults"]), (&json!("needsReconnect"), &json!(2)), "{after}");
    assert!(after["ended"]["message"].as_str().unwrap().contains("Reconnect the account"), "{after}");
    let at = after["ended"]["at"].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!((world.now() - at).num_seconds().abs() < 60, "{after}");

    world.connect("alice", "demokitchen").await;
    let again = shown().await;
    assert_eq!((&again["status"], &again["ended"]), (&json!("active"), &Value::Null));
    let path = format!("/social-accounts/{account}");
    assert_eq!(world.call(Method::DELETE, &path, Some("alice"), None).await.status(), StatusCode::NO_CONTENT);
    let gone = shown().await;
    assert_eq!(
        (&gone["status"], &gone["openResults"], &gone["ended"]),
        (&json!("disconnected"), &json!(2), &Value::Null)
    );
}
