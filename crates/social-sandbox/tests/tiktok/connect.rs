//! Consent, tokens, user info.

use crate::harness::{REDIRECT, Stage, VERIFIER, app, encoded, read, stage, stage_with, tokens};
use serde_json::json;
use social_sandbox::tiktok::{self, Limits, Visibility};
use std::time::Duration;

#[tokio::test]
async fn an_account_is_connected() {
    let stage = stage().await;
    let page = read(stage.client.get(stage.authorize_url(&Stage::authorize_query()))).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Sandbox — not TikTok") && page.body.contains("@demokitchen"));

    let callback =
        stage.consent(&[("account", "demokitchen"), ("scope", "all"), ("decision", "allow")]).await;
    assert_eq!(callback["state"], "some state/+&");
    assert_eq!(callback["scopes"], tiktok::SCOPES.join(","));
    assert!(callback["code"].contains('*') && callback["code"].contains('!'));

    let reply = stage.exchange(&callback["code"]).await;
    let json = reply.json();
    assert_eq!((reply.status, &json["expires_in"]), (200, &json!(86_400)));
    assert_eq!((&json["refresh_expires_in"], &json["token_type"]), (&json!(31_536_000), &json!("Bearer")));
    let tokens = tokens(&reply);
    assert!(tokens.access.starts_with("act.") && tokens.refresh.starts_with("rft."));

    let fields = "open_id,display_name,username,follower_count,video_count";
    let user = stage.user_info(&tokens.access, fields).await.data()["user"].clone();
    assert_eq!(user["open_id"], tokens.open_id);
    assert_eq!((&user["username"], &user["follower_count"]), (&json!("demokitchen"), &json!(1_520)));
    assert_eq!(user["video_count"], 87);
    assert!(user.get("union_id").is_none());
}

#[tokio::test]
async fn another_handle_creates_an_account() {
    let stage = stage().await;
    let form =
        [("account", "demokitchen"), ("handle", "@Some.Body"), ("scope", "all"), ("decision", "allow")];
    let tokens = tokens(&stage.exchange(&stage.consent(&form).await["code"]).await);
    let user = stage.user_info(&tokens.access, "username").await.data()["user"].clone();
    assert_eq!(user["username"], "some.body");
}

#[tokio::test]
async fn a_refusal_goes_back_with_the_state() {
    let stage = stage().await;
    let callback = stage.consent(&[("account", "demokitchen"), ("decision", "deny")]).await;
    assert_eq!((callback["error"].as_str(), callback["state"].as_str()), ("access_denied", "some state/+&"));
    assert!(!callback.contains_key("code"));
}

#[tokio::test]
async fn a_faulty_request_is_shown_and_not_redirected() {
    let stage = stage().await;
    for (name, value) in [
        ("client_key", Some("other")),
        ("redirect_uri", Some("http://127.0.0.1:8888/.netlify/functions/callback/")),
        ("redirect_uri", None),
        ("scope", Some("user.info.basic video.publish")),
        ("scope", Some("research.data.basic")),
        ("response_type", Some("token")),
        ("state", None),
        ("code_challenge", Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")),
        ("code_challenge_method", Some("plain")),
    ] {
        let mut query = Stage::authorize_query();
        query.retain(|(field, _)| *field != name);
        query.extend(value.map(|value| (name, value.to_owned())));
        let url = stage.authorize_url(&query);
        let reply = read(stage.client.get(&url)).await;
        assert_eq!(reply.status, 400, "{name}");
        assert!(reply.body.contains(&format!("<strong>{name}</strong>")), "{name}: {}", reply.body);
        let reply = stage.form(&url, &[("account", "demokitchen"), ("decision", "allow")]).await;
        assert_eq!(reply.status, 400, "{name}");
    }
    let mut query = Stage::authorize_query();
    query.retain(|(field, _)| !field.starts_with("code_challenge"));
    let reply = read(stage.client.get(stage.authorize_url(&query))).await;
    assert!(reply.body.contains("needs PKCE"));
}

#[tokio::test]
async fn a_web_redirect_needs_no_pkce() {
    let stage = stage().await;
    let mut query = Stage::authorize_query();
    query.retain(|(field, _)| !field.starts_with("code_challenge") && *field != "redirect_uri");
    query.push(("redirect_uri", "https://app.example.com/callback".into()));
    let form = [("account", "demokitchen"), ("decision", "allow")];
    let reply = stage.form(&stage.authorize_url(&query), &form).await;
    assert_eq!(reply.status, 302);
    assert!(reply.headers["location"].starts_with("https://app.example.com/callback?code="));
}

#[tokio::test]
async fn the_address_may_lack_its_last_slash() {
    let stage = stage().await;
    let url = stage.authorize_url(&Stage::authorize_query()).replace("/authorize/?", "/authorize?");
    assert!(url.contains("/authorize?"));
    assert_eq!(read(stage.client.get(&url)).await.status, 200);
    let form = [("account", "demokitchen"), ("scope", "all"), ("decision", "allow")];
    assert_eq!(stage.form(&url, &form).await.status, 302);
}

/// BASE64URL(SHA-256([`VERIFIER`])), as in RFC 7636.
const RFC_CHALLENGE: &str = "Dyzo3xhcnnZWPyXIlA9tucFYKiKwSmY6im35aPRSn_c";

#[tokio::test]
async fn a_web_redirect_accepts_the_challenge_in_either_encoding_and_checks_the_verifier() {
    let stage = stage().await;
    let web = "https://app.example.com/callback";
    let hex = Stage::authorize_query().into_iter().find(|(name, _)| *name == "code_challenge").unwrap().1;
    for challenge in [RFC_CHALLENGE, &hex] {
        for (verifier, status) in [(Some(VERIFIER), 200), (Some(&VERIFIER[1..]), 400), (None, 400)] {
            let mut query = Stage::authorize_query();
            query.retain(|(name, _)| !["code_challenge", "redirect_uri"].contains(name));
            query.extend([("code_challenge", challenge.to_owned()), ("redirect_uri", web.to_owned())]);
            let form = [("account", "demokitchen"), ("scope", "all"), ("decision", "allow")];
            let back = stage.form(&stage.authorize_url(&query), &form).await.headers["location"].clone();
            let back = url::Url::parse(&back).unwrap();
            let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
            let mut fields = vec![
                ("client_key", "key"),
                ("client_secret", "secret"),
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", web),
            ];
            fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
            let reply = stage.form(&format!("{}/tiktok/v2/oauth/token/", stage.base), &fields).await;
            assert_eq!(reply.status, status, "{challenge} {verifier:?}");
        }
    }
}

#[tokio::test]
async fn a_token_request_has_to_be_right_in_every_field() {
    let stage = stage().await;
    let form = [("account", "demokitchen"), ("scope", "all"), ("decision", "allow")];
    for (name, value, code) in [
        ("client_key", "other", "invalid_client"),
        ("client_secret", "other", "invalid_client"),
        ("grant_type", "password", "unsupported_grant_type"),
        ("grant_type", "", "invalid_request"),
        ("code", "other", "invalid_grant"),
        ("redirect_uri", "https://app.example.com/callback", "invalid_request"),
        ("code_verifier", "short", "invalid_request"),
        ("code_verifier", "aZ0-._~bY1-._~cX2-._~dW3-._~eV4-._~fU5-._~gT6-._~hT", "invalid_request"),
    ] {
        let granted = stage.consent(&form).await["code"].clone();
        let mut fields = vec![
            ("client_key", "key"),
            ("client_secret", "secret"),
            ("grant_type", "authorization_code"),
            ("code", &granted),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        fields.retain(|(field, _)| *field != name);
        fields.push((name, value));
        let url = format!("{}/tiktok/v2/oauth/token/", stage.base);
        assert_eq!(stage.form(&url, &fields).await.refused(), (400, code.into()), "{name}={value}");
    }
    let url = format!("{}/tiktok/v2/oauth/token/", stage.base);
    let json = stage.client.post(url).header("content-type", "application/json").body("{}");
    assert_eq!(read(json).await.refused(), (400, "invalid_request".into()));
    stage.sandbox.tiktok().set_limits(Limits { oauth_error_status: 200, ..Limits::default() });
    assert_eq!(stage.refresh("rft.none").await.refused(), (200, "invalid_grant".into()));
}

#[tokio::test]
async fn a_refresh_token_is_rotated() {
    let stage = stage().await;
    let first = stage.connect("demokitchen", "all").await;
    let second = tokens(&stage.refresh(&first.refresh).await);
    assert_ne!(first.refresh, second.refresh);
    assert_eq!(
        (second.open_id.as_str(), second.scope.as_str()),
        (first.open_id.as_str(), first.scope.as_str())
    );
    assert_eq!(stage.refresh(&first.refresh).await.refused(), (400, "invalid_grant".into()));
    assert_eq!(stage.refresh(&second.refresh).await.status, 200);
    assert_eq!(stage.sandbox.tiktok().calls("token_refresh"), 3);
}

#[tokio::test]
async fn tokens_expire_and_can_be_revoked() {
    let stage = stage().await;
    let tokens = stage.connect("demokitchen", "all").await;
    stage.sandbox.advance_clock(Duration::from_secs(86_401));
    let invalid = (401, "access_token_invalid".to_owned());
    assert_eq!(stage.user_info(&tokens.access, "open_id").await.refused(), invalid);
    let tokens = crate::harness::tokens(&stage.refresh(&tokens.refresh).await);
    assert!(stage.sandbox.tiktok().expire_tokens("demokitchen"));
    assert_eq!(stage.creator_info(&tokens.access).await.refused(), invalid);

    let tokens = crate::harness::tokens(&stage.refresh(&tokens.refresh).await);
    let url = format!("{}/tiktok/v2/oauth/revoke/", stage.base);
    let form = [("client_key", "key"), ("client_secret", "secret"), ("token", &tokens.access)];
    let reply = stage.form(&url, &form).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert_eq!(stage.user_info(&tokens.access, "open_id").await.refused(), invalid);
    assert_eq!(stage.refresh(&tokens.refresh).await.refused(), (400, "invalid_grant".into()));
}

#[tokio::test]
async fn what_was_not_granted_is_refused() {
    let stage = stage().await;
    let tokens = stage.connect("demokitchen", "user.info.basic").await;
    assert_eq!(tokens.scope, "user.info.basic");
    let refused = stage.user_info(&tokens.access, "open_id,follower_count").await.refused();
    assert_eq!(refused, (400, "scope_permission_missed".into()));
    assert_eq!(stage.user_info(&tokens.access, "").await.refused(), (400, "invalid_params".into()));
    assert_eq!(stage.creator_info(&tokens.access).await.refused(), (401, "scope_not_authorized".into()));
    let videos = stage.post(&tokens.access, "video/list/?fields=id", &json!({})).await;
    assert_eq!(videos.refused(), (401, "scope_not_authorized".into()));
}

#[tokio::test]
async fn who_has_agreed_before_is_sent_straight_back() {
    let stage = stage().await;
    let mut query = Stage::authorize_query();
    query.retain(|(field, _)| *field != "disable_auto_auth");
    let form = [("account", "quietgarden"), ("scope", "all"), ("decision", "allow")];
    let reply = stage.form(&stage.authorize_url(&query), &form).await;
    let cookie = reply.headers["set-cookie"].split(';').next().unwrap().to_owned();
    let code = reply.headers["location"].split("code=").nth(1).unwrap().split('&').next().unwrap();
    let code = url::form_urlencoded::parse(format!("c={code}").as_bytes()).next().unwrap().1.into_owned();
    assert_eq!(stage.exchange(&code).await.status, 200);
    let again = read(stage.client.get(stage.authorize_url(&query)).header("cookie", &cookie)).await;
    assert_eq!(again.status, 302);
    query.push(("disable_auto_auth", "1".into()));
    let again = read(stage.client.get(stage.authorize_url(&query)).header("cookie", &cookie)).await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn creator_info_distinguishes_public_from_private() {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    let info = stage.creator_info(&token).await.data();
    assert_eq!(info["privacy_level_options"][0], "PUBLIC_TO_EVERYONE");
    assert_eq!((&info["stitch_disabled"], &info["duet_disabled"]), (&json!(true), &json!(false)));
    let _ = stage.sandbox.tiktok().create_account("demokitchen", Visibility::Private);
    let info = stage.creator_info(&token).await.data();
    assert_eq!(info["privacy_level_options"][0], "FOLLOWER_OF_CREATOR");
    assert_eq!(info["duet_disabled"], true);
    let no_length = stage.client.post(format!("{}/tiktok/v2/post/publish/creator_info/query/", stage.base));
    assert_eq!(read(no_length.bearer_auth(&token)).await.status, 411);
}

#[tokio::test]
async fn an_app_the_portal_would_refuse_is_refused() {
    let mut app = app();
    app.redirect_uris.push("http://app.example.com/callback".into());
    let base_url = url::Url::parse("http://127.0.0.1:1/sandbox").unwrap();
    let apps = social_sandbox::Apps { tiktok: app, ..crate::stage::apps() };
    let settings = social_sandbox::Settings { base_url, storage: None, apps };
    assert!(social_sandbox::Sandbox::open(settings).is_err());
}

#[tokio::test]
async fn an_index_page_and_an_avatar_are_there() {
    let stage = stage_with(app(), None).await;
    let index = read(stage.client.get(&stage.base)).await;
    assert!(index.body.contains("hangUpAfter") && index.body.contains("@quietgarden"), "{}", index.status);
    let avatar = read(stage.client.get(format!("{}/tiktok/avatar/demokitchen", stage.base))).await;
    assert_eq!(avatar.headers["content-type"], "image/svg+xml");
    let form = encoded(&[("endpoint", "status"), ("kind", "html"), ("status", "502"), ("account", "")]);
    let button = stage.client.post(format!("{}/control/faults", stage.base)).body(form);
    let button = read(button.header("content-type", "application/x-www-form-urlencoded")).await;
    assert_eq!((button.status, button.headers["location"].as_str()), (303, "/sandbox"));
}
