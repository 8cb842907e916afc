//! Consent, the three tokens, the account.

use crate::harness::{REDIRECT, Stage, app, read, stage, stage_with};
use social_sandbox::instagram::{AccountType, Limits, Shape};
use social_sandbox::{Fault, FaultKind, meta};
use std::time::Duration;

#[tokio::test]
async fn an_account_is_connected() {
    let stage = stage().await;
    let page = read(stage.client.get(stage.authorize_url(&Stage::authorize_query()))).await;
    assert!(page.status == 200 && page.body.contains("Sandbox — not Instagram"), "{}", page.body);
    let form = [("account", "demokitchen"), ("scope", "all"), ("decision", "allow")];
    let back = stage.form(&stage.authorize_url(&Stage::authorize_query()), &form).await;
    assert!(back.headers["location"].ends_with("#_"), "Meta's fragment hangs at the end");
    let callback = stage.consent(&form).await;
    assert_eq!(callback["state"], "some state/+&");

    let short = stage.exchange(&callback["code"]).await.ok();
    assert!(
        short["user_id"].is_u64()
            && short["permissions"] == "instagram_business_basic,instagram_business_content_publish"
    );
    let long = stage.extend(short["access_token"].as_str().unwrap()).await.ok();
    assert_eq!((long["expires_in"].as_u64(), &long["token_type"]), (Some(5_184_000), &"bearer".into()));
    let me = stage
        .get(long["access_token"].as_str().unwrap(), "me?fields=user_id,username,account_type,media_count")
        .await
        .ok();
    assert_eq!(me["user_id"].as_str().unwrap(), short["user_id"].to_string());
    assert_eq!((&me["account_type"], &me["media_count"]), (&"BUSINESS".into(), &212.into()));
    assert_ne!(me["id"], me["user_id"], "the other id is the app's own");
}

#[tokio::test]
async fn replies_may_hide_in_data() {
    let stage = stage().await;
    stage.sandbox.instagram().set_limits(Limits { replies: Shape::Wrapped, ..Limits::default() });
    let form = [("account", "demokitchen"), ("scope", "all"), ("decision", "allow")];
    let code = stage.consent(&form).await["code"].clone();
    let short = stage.exchange(&code).await.ok()["data"][0].clone();
    assert!(short["user_id"].is_string());
    let me = stage.get(short["access_token"].as_str().unwrap(), "me?fields=user_id").await.ok();
    assert_eq!(me["data"][0]["user_id"], short["user_id"]);
}

#[tokio::test]
async fn a_refusal_goes_back_with_the_state() {
    let stage = stage().await;
    let callback = stage.consent(&[("account", "demokitchen"), ("decision", "deny")]).await;
    assert_eq!((&*callback["error"], &*callback["error_reason"]), ("access_denied", "user_denied"));
    assert_eq!(callback["state"], "some state/+&");
}

#[tokio::test]
async fn a_faulty_request_is_shown_and_not_redirected() {
    let stage = stage().await;
    for (name, value) in [
        ("client_id", Some("1")),
        ("redirect_uri", Some("https://app.example.com/callback/")),
        ("scope", Some("business_basic")),
        ("scope", None),
        ("response_type", Some("token")),
        ("code_challenge", Some("abc")),
    ] {
        let mut query = Stage::authorize_query();
        query.retain(|(field, _)| *field != name);
        query.extend(value.map(|value| (name, value.to_owned())));
        let reply = read(stage.client.get(stage.authorize_url(&query))).await;
        assert_eq!(reply.status, 400, "{name}");
        assert!(reply.body.contains(&format!("<strong>{name}</strong>")), "{name}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_code_works_once_with_the_right_words() {
    let stage = stage().await;
    let form = [("account", "demokitchen"), ("scope", "all"), ("decision", "allow")];
    let code = stage.consent(&form).await["code"].clone();
    assert_eq!(stage.exchange(&code).await.status, 200);
    let again = stage.exchange(&code).await;
    assert_eq!(again.status, 400);
    assert_eq!(again.json()["error_message"], "Matching code was not found or was already used");

    let code = stage.consent(&form).await["code"].clone();
    let url = format!("{}/instagram/oauth/access_token", stage.base);
    for (name, value) in [("client_id", "1"), ("client_secret", "x"), ("grant_type", "password")] {
        let mut fields = vec![
            ("client_id", "990602627938098"),
            ("client_secret", "secret"),
            ("grant_type", "authorization_code"),
            ("redirect_uri", REDIRECT),
            ("code", code.as_str()),
        ];
        fields.retain(|(field, _)| *field != name);
        fields.push((name, value));
        let reply = stage.form(&url, &fields).await;
        assert!(reply.status == 400 && reply.json()["error_type"] == "OAuthException", "{name}");
    }
    stage.sandbox.advance_clock(Duration::from_secs(3_601));
    assert_eq!(stage.exchange(&code).await.status, 400, "an hour is all a code has");
}

#[tokio::test]
async fn a_token_is_refreshed_after_a_day_and_expires_after_sixty() {
    let stage = stage().await;
    let (_, first) = stage.connect("demokitchen").await;
    assert_eq!(stage.refresh(&first).await.refused().0, 100, "too young");
    stage.sandbox.advance_clock(Duration::from_secs(86_401));
    let second = stage.refresh(&first).await.ok()["access_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    stage.sandbox.advance_clock(Duration::from_secs(59 * 86_400 + 1));
    assert_eq!(stage.get(&first, "me?fields=user_id").await.refused(), (190, Some(463)));
    assert_eq!(stage.refresh(&first).await.refused(), (190, Some(463)), "what is dead stays dead");
    assert_eq!(stage.get(&second, "me?fields=user_id").await.status, 200);
    assert!(stage.sandbox.instagram().revoke("@demokitchen"));
    assert_eq!(stage.get(&second, "me?fields=user_id").await.refused(), (190, Some(458)));
}

#[tokio::test]
async fn what_was_not_granted_is_refused() {
    let stage = stage().await;
    let form = [("account", "quietgarden"), ("scope", "instagram_business_basic"), ("decision", "allow")];
    let code = stage.consent(&form).await["code"].clone();
    let short = stage.exchange(&code).await.ok();
    assert_eq!(short["permissions"], "instagram_business_basic");
    let (id, token) = (short["user_id"].to_string(), short["access_token"].as_str().unwrap());
    let refused = stage.get(token, &format!("{id}/content_publishing_limit")).await.refused();
    assert_eq!(refused, (10, None));
    assert_eq!(stage.get("IGAAnone", "me").await.refused(), (190, None));
    assert_eq!(stage.get(token, "me?fields=secret").await.refused(), (100, None));
    let late = read(stage.client.get(format!("{}/instagram/v99.0/me", stage.base)).bearer_auth(token)).await;
    assert_eq!(late.refused().0, 2500, "a version that is yet to come");
}

#[tokio::test]
async fn a_proof_must_be_right_and_may_be_required() {
    let stage = stage_with(meta::App { proof: meta::Proof::Required, ..app() }, None).await;
    let (_, token) = stage.connect("demokitchen").await;
    assert_eq!(stage.get(&token, "me?fields=user_id").await.refused().0, 100);
    assert_eq!(stage.get(&token, "me?fields=user_id&appsecret_proof=00").await.refused().0, 100);
}

#[tokio::test]
async fn faults_come_in_the_endpoints_own_form() {
    let stage = stage().await;
    let (_, token) = stage.connect("demokitchen").await;
    let kind = |code: &str| FaultKind::Status { status: 400, code: code.into(), retry_after: None };
    stage.sandbox.fail(Fault::of("instagram", "me", kind("190/460")));
    assert_eq!(stage.get(&token, "me?fields=user_id").await.refused(), (190, Some(460)));
    stage.sandbox.fail(Fault::of("instagram", "token_exchange", kind("down")));
    let reply = stage.exchange("AQany").await;
    assert_eq!(reply.json()["error_message"], "down");
    assert_eq!(stage.sandbox.instagram().calls("token"), 3);
    let _ = stage.sandbox.instagram().create_account("just.me", AccountType::Business);
}

#[tokio::test]
async fn graph_has_the_same_manners_here() {
    let stage = stage().await;
    let (id, token) = stage.connect("demokitchen").await;
    for path in ["/v25.0/me/", "/v16.0/me", "/me", "/me/"] {
        let url = format!("{}/instagram{path}?fields=username&access_token={token}", stage.base);
        assert_eq!(read(stage.client.get(url)).await.ok()["username"], "demokitchen", "{path}");
    }
    let media = stage.get(&token, &format!("{id}/media/?summary=true")).await.ok();
    assert_eq!(media["summary"]["total_count"], 0);
    let unknown = stage.client.post(stage.url(&format!("{id}/stories"))).bearer_auth(&token).body("a=b");
    assert_eq!(read(unknown).await.refused(), (100, Some(33)));
    let form = [("client_id", "990602627938098")];
    let slashed = stage.form(&format!("{}/instagram/oauth/access_token/", stage.base), &form).await;
    assert_eq!(slashed.json()["error_type"], "OAuthException");
}
