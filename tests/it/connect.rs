//! Connecting an account: once, by the same browser and the same user.

use std::time::Duration;

use http::{Method, StatusCode, header};
use serde_json::json;
use social_sandbox::tiktok::Visibility;
use social_sandbox::{Fault, FaultKind};

use crate::source::video;
use crate::stand_in;
use crate::world::{World, answer, public, read, sign};

const ALLOW: &str = "scope=all&decision=allow";

fn reason(location: &str) -> String {
    location.split("reason=").nth(1).unwrap_or(location).to_owned()
}

#[tokio::test]
async fn an_account_is_connected_with_its_profile_and_its_tokens_are_encrypted() {
    let world = World::new().await;
    let landed = world.connect_with("alice", "demokitchen", ALLOW).await;
    assert_eq!(landed, "http://localhost:8888/integrations?social=connected&platform=tiktok");
    let (status, body) = world.get("/social-accounts", "alice").await;
    assert_eq!(status, StatusCode::OK);
    let account = &body["accounts"][0];
    assert_eq!(
        (account["username"].as_str(), account["status"].as_str()),
        (Some("demokitchen"), Some("active"))
    );
    assert!(
        account["accountMetadata"]["followerCount"].is_i64()
            && account["accountMetadata"]["videoCount"].is_i64()
    );
    assert!(!body.to_string().contains("act.") && !body.to_string().contains("rft."), "{body}");
    let rows: String = sqlx::query_scalar("select string_agg(a::text, ' ') from social_accounts a")
        .fetch_one(&world.db)
        .await
        .unwrap();
    assert!(rows.contains("v2.k1.") && !rows.contains("act.") && !rows.contains("rft."), "{rows}");
    assert_eq!(world.scalar("select count(*) from oauth_states where octet_length(state_hash) = 32 and consumed_at is not null").await, 1);
}

#[tokio::test]
async fn connecting_again_renews_the_same_row() {
    let world = World::new().await;
    let first = world.connect("alice", "demokitchen").await;
    let again = world.connect("alice", "demokitchen").await;
    assert_eq!(first, again);
    assert_eq!(world.scalar("select token_version from social_accounts").await, 2);
    let bobs = world.connect("bob", "demokitchen").await;
    assert_ne!(first, bobs, "another user's connection is another row");
}

#[tokio::test]
async fn each_way_to_fail_has_its_own_reason() {
    let world = World::new().await;
    let denied = world.connect_with("alice", "demokitchen", "decision=deny").await;
    assert_eq!(reason(&denied), "access_denied");

    let partial = world.connect_with("alice", "demokitchen", "scope=user.info.basic&decision=allow").await;
    assert_eq!(reason(&partial), "missing_scope");

    let (callback, cookie) = world.consent("alice", "demokitchen", ALLOW).await;
    world.advance(Duration::from_secs(601)).await;
    let late = world.callback(&callback, &cookie).await;
    assert_eq!(reason(late.headers()[header::LOCATION].to_str().unwrap()), "state_expired");

    let (callback, _) = world.consent("alice", "demokitchen", ALLOW).await;
    let stranger = world.callback(&callback, "social-connect-0000=guess").await;
    assert_eq!(reason(stranger.headers()[header::LOCATION].to_str().unwrap()), "other_browser");

    let (callback, cookie) = world.consent("alice", "demokitchen", ALLOW).await;
    world.callback(&callback, &cookie).await;
    world.advance(Duration::from_secs(601)).await;
    let replayed = world.callback(&callback, &cookie).await;
    assert_eq!(reason(replayed.headers()[header::LOCATION].to_str().unwrap()), "state_used");

    for forged in ["?code=x&state=forged", "?code=x", "?error=access_denied"] {
        let landed = world
            .callback(&format!("http://localhost:8888/.netlify/functions/tiktok-callback{forged}"), "")
            .await;
        assert_eq!(landed.status(), StatusCode::FOUND);
        let reason = reason(landed.headers()[header::LOCATION].to_str().unwrap());
        assert_eq!(reason, if forged.contains("forged") { "state_unknown" } else { "invalid_response" });
    }
    assert_eq!(
        world.scalar("select count(*) from social_accounts").await,
        1,
        "only the replayed one was ever connected"
    );
}

#[tokio::test]
async fn a_state_sends_one_code_however_many_callbacks_come_at_once() {
    let world = World::new().await;
    let (callback, cookie) = world.consent("alice", "demokitchen", ALLOW).await;
    let many = futures_util::future::join_all((0..8).map(|_| world.callback(&callback, &cookie))).await;
    let connected =
        many.iter().filter(|r| r.headers()[header::LOCATION].to_str().unwrap().contains("connected")).count();
    assert_eq!(connected, 8, "all of them land where the first did");
    assert_eq!(world.sandbox.tiktok().calls("token_exchange"), 1, "a code is sent once");
    assert_eq!(world.scalar("select token_version from social_accounts").await, 1);
}

#[tokio::test]
async fn errors_of_the_token_endpoint_are_distinguished_and_lose_nothing() {
    let world = World::new().await;
    let trouble = [
        (FaultKind::HangUpBefore, "platform_unavailable"),
        (FaultKind::HangUpAfter, "platform_unavailable"),
        (FaultKind::Html { status: 502 }, "platform_unavailable"),
        (
            FaultKind::Status { status: 400, code: "invalid_client".into(), retry_after: None },
            "exchange_failed",
        ),
    ];
    for (kind, expected) in trouble {
        world.sandbox.fail(Fault::tiktok("token_exchange", kind.clone()));
        let landed = world.connect_with("alice", "demokitchen", ALLOW).await;
        assert_eq!(reason(&landed), expected, "{kind:?}");
    }
    world.connect("alice", "demokitchen").await;
}

#[tokio::test]
async fn a_profile_that_cannot_be_read_does_not_cost_the_grant() {
    let world = World::new().await;
    world.sandbox.fail(Fault::tiktok("user_info", FaultKind::Html { status: 500 }));
    let landed = world.connect_with("alice", "demokitchen", ALLOW).await;
    assert!(landed.contains("social=connected"), "{landed}");
}

#[tokio::test]
async fn reconnecting_an_account_accepts_no_other_account() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let _ = world.sandbox.tiktok().create_account("another", Visibility::Public);
    let path = format!("/tiktok-connect?accountId={account}");
    for (handle, expected) in [("another", "reason=other_account"), ("demokitchen", "social=connected")] {
        let (callback, cookie) = world.consent_at(&path, "alice", handle, ALLOW).await;
        let landed = world.callback(&callback, &cookie).await;
        let location = landed.headers()[header::LOCATION].to_str().unwrap();
        assert!(location.contains(expected), "{location}");
    }
    let bobs = world.call(Method::GET, &path, Some("bob"), None).await;
    assert_eq!(bobs.status(), StatusCode::NOT_FOUND);
    assert_eq!(world.scalar("select count(*) from social_accounts").await, 1);
}

#[tokio::test]
async fn connect_refuses_bad_input_by_name() {
    let world = World::new().await;
    let cases = [
        ("/social-accounts-connect", "platform_missing", "platform"),
        ("/social-accounts-connect?platform=", "platform_missing", "platform"),
        ("/social-accounts-connect?platform=myspace", "platform_off", "platform"),
        ("/social-accounts-connect?platform=tiktok&returnTo=//evil.example", "invalid_return_to", "returnTo"),
    ];
    for (path, code, field) in cases {
        let (status, body) = read(&world.call(Method::GET, path, Some("alice"), None).await);
        assert_eq!(
            (status, &body["error"]["code"], &body["error"]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(code), &json!(field))
        );
    }
    let off = world.call(Method::GET, cases[2].0, Some("alice"), None).await;
    let message = read(&off).1["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.ends_with("Choose one of tiktok, youtube, instagram, facebook."), "{message}");
    let path = "/social-accounts-connect?platform=tiktok&accountId=123";
    let (status, body) = read(&world.call(Method::GET, path, Some("alice"), None).await);
    assert_eq!((status, &body["error"]["field"]), (StatusCode::NOT_FOUND, &json!("accountId")));
    let other = world.call(Method::GET, "/tiktok-connect?platform=youtube", Some("alice"), None).await;
    assert_eq!(read(&other).1["error"]["code"], "platform_fixed");
}

#[tokio::test]
async fn a_token_must_be_signed_and_within_its_times() {
    let world = World::new().await;
    let now = 1_796_126_400;
    let forever = 4_102_444_800_i64;
    let good = sign(&json!({"sub": "alice", "exp": forever}));
    let mut forged = good.clone();
    forged.truncate(good.len() - 2);
    let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.".to_owned();
    let cases = [
        (good, StatusCode::OK),
        (forged, StatusCode::UNAUTHORIZED),
        (none, StatusCode::UNAUTHORIZED),
        (sign(&json!({"sub": "alice"})), StatusCode::UNAUTHORIZED),
        (sign(&json!({"sub": "alice", "exp": now - 100_000})), StatusCode::UNAUTHORIZED),
        (sign(&json!({"sub": "alice", "exp": forever, "nbf": forever - 1})), StatusCode::UNAUTHORIZED),
        (sign(&json!({"sub": "", "exp": forever})), StatusCode::UNAUTHORIZED),
        (String::new(), StatusCode::UNAUTHORIZED),
    ];
    for (token, expected) in cases {
        let request = http::Request::get("/api/social-accounts")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(bytes::Bytes::new())
            .unwrap();
        let answered = answer(&world.app, request, social_core::web::Arrival::default()).await;
        assert_eq!(answered.status(), expected, "{token}");
    }
}

#[tokio::test]
async fn disconnecting_revokes_erases_and_holds() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let later = json!({"videoUrl": "http://localhost:1/v.mp4", "caption": "later", "publishAt": "2026-12-24T18:00:00+01:00",
        "results": [{"accountId": account, "tiktok": {"privacy_level": "SELF_ONLY"}}]});
    let (_, post) = world.post("/social-posts", "alice", later).await;
    let path = format!("/social-accounts/{account}");
    let bobs = world.call(Method::DELETE, &path, Some("bob"), None).await;
    assert_eq!(bobs.status(), StatusCode::NOT_FOUND);
    let gone = world.call(Method::DELETE, &path, Some("alice"), None).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(world.sandbox.tiktok().calls("revoke"), 1);
    assert_eq!(
        world
            .scalar(
                "select count(*) from social_accounts where access_token is null and refresh_token is null"
            )
            .await,
        1
    );
    let result = world.result("alice", post["id"].as_str().unwrap()).await;
    assert_eq!((&result["state"], &result["heldReason"]), (&json!("held"), &json!("needsReconnect")));
    world.connect("alice", "demokitchen").await;
    let result = world.result("alice", post["id"].as_str().unwrap()).await;
    assert_eq!((&result["state"], &result["dueAt"]), (&json!("queued"), &json!("2026-12-24T17:00:00Z")));
}

/// TikTok ends what the old grant was publishing. That says nothing about the new one.
#[tokio::test]
async fn what_a_removed_grant_was_publishing_goes_out_with_the_next_one() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(200_000));
    let post = world.publish("alice", &account, &url, public()).await;
    world.work().await;
    assert_eq!(world.result("alice", &post).await["state"], "processing");
    let gone = world.call(Method::DELETE, &format!("/social-accounts/{account}"), Some("alice"), None).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    world.connect("alice", "demokitchen").await;
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!(result["state"], "published", "{result}");
    assert_eq!(stand_in::of("tiktok").published(&world.sandbox).len(), 1);
    let steps = world.ledger("alice", &post).await;
    assert_eq!(steps.iter().filter(|(step, _)| step == "init").count(), 2, "{steps:?}");
    assert_eq!(world.scalar("select count(*) from social_accounts where status = 'active'").await, 1);
}

#[tokio::test]
async fn a_new_key_takes_over_without_a_reconnection() {
    let mut world = World::new().await;
    world.connect("alice", "demokitchen").await;
    world.set(
        "TOKEN_ENCRYPTION_KEYS",
        "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=,k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
    );
    let store = &world.app.publisher.flow.store;
    assert_eq!((store.reseal().await.unwrap(), store.reseal().await.unwrap()), (1, 0));
    world.set("TOKEN_ENCRYPTION_KEYS", "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=");
    let (_, accounts) = world.get("/social-accounts", "alice").await;
    let path =
        format!("/social-accounts/{}/posting-options", accounts["accounts"][0]["id"].as_str().unwrap());
    assert_eq!(world.get(&path, "alice").await.0, StatusCode::OK);
}
