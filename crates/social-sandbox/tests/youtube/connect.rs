//! Consent, tokens, channels.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use social_sandbox::youtube::{App, Limits, NoChannel, SCOPES};
use std::time::Duration;

use crate::harness::{scopes, stage, testing, tokens};
use crate::stage::{REDIRECT, Stage, VERIFIER, apps, read};
use social_sandbox::Apps;

const ALLOW: [(&str, &str); 3] = [("account", "demostudio"), ("scope", "all"), ("decision", "allow")];

#[tokio::test]
async fn a_channel_is_connected() {
    let stage = stage().await;
    let page = read(stage.client.get(stage.authorize_url(&Stage::authorize_query()))).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Sandbox — not Google") && page.body.contains("@demostudio"));
    assert!(page.body.contains("demo@gmail.example") && page.body.contains("has no YouTube channel"));

    let callback = stage.consent(&ALLOW).await;
    assert_eq!(callback["state"], "some state/+&");
    assert_eq!(callback["scope"], scopes());
    assert!(callback["code"].starts_with("4/0A"));
    let reply = stage.exchange(&callback["code"]).await;
    let json = reply.json();
    assert_eq!((reply.status, &json["expires_in"]), (200, &json!(3_599)));
    assert_eq!((&json["token_type"], &json["scope"]), (&json!("Bearer"), &json!(scopes())));
    assert!(json.get("refresh_token_expires_in").is_none());
    assert!(json.get("id_token").is_none(), "no scope asks for the person");
    let tokens = tokens(&reply);
    assert!(tokens.access.starts_with("ya29.") && tokens.refresh.unwrap().starts_with("1//0g"));

    let path = "channels?part=snippet,contentDetails,status,statistics&mine=true";
    let channel = stage.get(&tokens.access, path).await.json()["items"][0].clone();
    let id = stage.sandbox.youtube().channel_id("demostudio").unwrap();
    assert_eq!((channel["id"].as_str(), id.len(), id.get(..2)), (Some(id.as_str()), 24, Some("UC")));
    assert_eq!(channel["snippet"]["title"], "Demo Studio");
    assert_eq!(channel["snippet"]["customUrl"], "@demostudio");
    assert_eq!(channel["statistics"]["subscriberCount"], "1520");
    assert_eq!(channel["statistics"]["videoCount"], "87");
    assert_eq!(channel["contentDetails"]["relatedPlaylists"]["uploads"], id.replacen("UC", "UU", 1));
    assert_eq!(channel["status"]["longUploadsStatus"], "allowed");
    let face = channel["snippet"]["thumbnails"]["default"]["url"].as_str().unwrap();
    assert_eq!(read(stage.client.get(face)).await.headers["content-type"], "image/svg+xml");
}

#[tokio::test]
async fn another_handle_creates_a_channel_and_a_refusal_redirects_back() {
    let stage = stage().await;
    let mut form = ALLOW.to_vec();
    form.push(("handle", "@Some.Body"));
    let token = tokens(&stage.exchange(&stage.consent(&form).await["code"]).await).access;
    let channel = stage.get(&token, "channels?part=snippet&mine=true").await.json();
    assert_eq!(channel["items"][0]["snippet"]["customUrl"], "@some.body");

    let callback = stage.consent(&[("account", "demostudio"), ("decision", "deny")]).await;
    assert_eq!((callback["error"].as_str(), callback["state"].as_str()), ("access_denied", "some state/+&"));
    assert!(!callback.contains_key("code"));
}

#[tokio::test]
async fn a_scope_can_be_unticked() {
    let stage = stage().await;
    let form = [("account", "demostudio"), ("scope", SCOPES[0]), ("decision", "allow")];
    let callback = stage.consent(&form).await;
    assert_eq!(callback["scope"], SCOPES[0]);
    let token = tokens(&stage.exchange(&callback["code"]).await).access;
    let refused = stage.get(&token, "channels?part=snippet&mine=true").await.refused();
    assert_eq!(refused, (403, "insufficientPermissions".into()), "upload alone reads nothing");
}

#[tokio::test]
async fn a_person_without_a_channel_gets_either_response() {
    let stage = stage().await;
    let token = stage.connect("watcher@gmail.example").await.access;
    let none = stage.get(&token, "channels?part=snippet&mine=true").await.json();
    assert_eq!((none["pageInfo"]["totalResults"].as_u64(), none.get("items")), (Some(0), None));
    let limits = Limits { no_channel: NoChannel::SignupRequired, ..Limits::default() };
    stage.sandbox.youtube().set_limits(limits);
    let refused = stage.get(&token, "channels?part=snippet&mine=true").await.refused();
    assert_eq!(refused, (401, "youtubeSignupRequired".into()));
}

#[tokio::test]
async fn a_refresh_token_comes_with_offline_access_and_fresh_consent_only() {
    let stage = stage().await;
    assert!(stage.connect("demostudio").await.refresh.is_some());
    for name in ["prompt", "access_type"] {
        let code = stage.consent_to(&Stage::query_without(name), &ALLOW).await["code"].clone();
        assert!(tokens(&stage.exchange(&code).await).refresh.is_none(), "{name}");
    }
    let first = [("account", "quietgarden"), ("scope", "all"), ("decision", "allow")];
    let code = stage.consent_to(&Stage::query_without("prompt"), &first).await["code"].clone();
    assert!(tokens(&stage.exchange(&code).await).refresh.is_some(), "the first consent is a fresh one");
    assert!(stage.connect("demostudio").await.refresh.is_some(), "and so is one that was asked for");
    let limits = Limits { gives_refresh_tokens: false, ..Limits::default() };
    stage.sandbox.youtube().set_limits(limits);
    assert!(stage.connect("demostudio").await.refresh.is_none());
}

#[tokio::test]
async fn a_person_who_has_consented_is_redirected_unless_the_app_asks_again() {
    let stage = stage().await;
    let reply = stage.form(&stage.authorize_url(&Stage::authorize_query()), &ALLOW).await;
    let cookie = reply.headers["set-cookie"].split(';').next().unwrap().to_owned();
    let code = reply.headers["location"].split("code=").nth(1).unwrap().split('&').next().unwrap();
    let code = code.replace("%2F", "/");
    assert_eq!(stage.exchange(&code).await.status, 200);
    let visit = |query: Vec<(&'static str, String)>| {
        read(stage.client.get(stage.authorize_url(&query)).header("cookie", &cookie))
    };
    let back = visit(Stage::query_without("prompt")).await;
    assert_eq!(back.status, 302);
    assert_eq!(visit(Stage::authorize_query()).await.status, 200);
}

#[tokio::test]
async fn a_faulty_request_is_shown_and_not_redirected() {
    let stage = stage().await;
    for (name, value) in [
        ("client_id", Some("other")),
        ("redirect_uri", Some("http://127.0.0.1:8888/.netlify/functions/callback/")),
        ("redirect_uri", None),
        ("scope", Some("youtube.upload")),
        ("scope", Some("https://www.googleapis.com/auth/drive")),
        ("response_type", Some("token")),
        ("access_type", Some("always")),
        ("prompt", Some("none")),
        ("enable_granular_consent", Some("maybe")),
        ("response_mode", Some("fragment")),
        ("code_challenge", Some("0f2ce8df185c9e76563f25c8940f6db9c1582a22b04a663a8a6df968f4529ff7")),
        ("code_challenge_method", Some("plain")),
    ] {
        let mut query = Stage::query_without(name);
        query.extend(value.map(|value| (name, value.to_owned())));
        let url = stage.authorize_url(&query);
        let reply = read(stage.client.get(&url)).await;
        assert_eq!(reply.status, 400, "{name}");
        assert!(reply.body.contains(&format!("<strong>{name}</strong>")), "{name}: {}", reply.body);
        assert_eq!(stage.form(&url, &ALLOW).await.status, 400, "{name}");
    }
    let mut query = Stage::authorize_query();
    query.push(("disable_auto_auth", "1".into()));
    assert_eq!(read(stage.client.get(stage.authorize_url(&query))).await.status, 400);
}

#[tokio::test]
async fn a_token_request_has_to_be_right_in_every_field() {
    let stage = stage().await;
    for (name, value, status, code) in [
        ("client_id", "other", 401, "invalid_client"),
        ("client_secret", "other", 401, "invalid_client"),
        ("grant_type", "password", 400, "unsupported_grant_type"),
        ("grant_type", "", 400, "invalid_request"),
        ("code", "other", 400, "invalid_grant"),
        ("redirect_uri", "https://app.example.com/callback", 400, "redirect_uri_mismatch"),
        ("code_verifier", "", 400, "invalid_grant"),
        ("code_verifier", "aZ0-._~bY1-._~cX2-._~dW3-._~eV4-._~fU5-._~gT6-._~hT", 400, "invalid_grant"),
    ] {
        let granted = stage.consent(&ALLOW).await["code"].clone();
        let mut fields = vec![
            ("client_id", "client"),
            ("client_secret", "secret"),
            ("grant_type", "authorization_code"),
            ("code", &granted),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        fields.retain(|(field, _)| *field != name);
        fields.push((name, value));
        let url = format!("{}/youtube/token", stage.base);
        assert_eq!(stage.form(&url, &fields).await.refused(), (status, code.into()), "{name}={value}");
    }
    let json = stage.client.post(format!("{}/youtube/token", stage.base));
    let json = json.header("content-type", "application/json").body("{}");
    assert_eq!(read(json).await.refused(), (400, "invalid_request".into()));
}

#[tokio::test]
async fn the_person_of_a_grant_is_named_if_requested() {
    let stage = stage().await;
    let mut subs = Vec::new();
    for account in ["demostudio", "demoshorts", "quietgarden"] {
        let mut query = Stage::query_without("scope");
        query.push(("scope", format!("{} openid", scopes())));
        let form = [("account", account), ("scope", SCOPES[0]), ("decision", "allow")];
        let callback = stage.consent_to(&query, &form).await;
        assert_eq!(callback["scope"], format!("{} openid", SCOPES[0]), "openid is never refused alone");
        let id_token = stage.exchange(&callback["code"]).await.json()["id_token"].clone();
        let claims = URL_SAFE_NO_PAD.decode(id_token.as_str().unwrap().split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], "client");
        subs.push(claims["sub"].as_str().unwrap().to_owned());
    }
    assert!(subs[0] == subs[1] && subs[0] != subs[2], "both channels are one person's: {subs:?}");
}

#[tokio::test]
async fn a_refresh_returns_no_new_refresh_token() {
    let stage = stage().await;
    let first = stage.connect("demostudio").await;
    let refresh = first.refresh.unwrap();
    stage.sandbox.advance_clock(Duration::from_hours(1));
    let path = "channels?part=id&mine=true";
    assert_eq!(stage.get(&first.access, path).await.refused(), (401, "authError".into()));
    for _ in 0..2 {
        let again = tokens(&stage.refresh(&refresh).await);
        assert!(again.refresh.is_none());
        assert_eq!(stage.get(&again.access, path).await.status, 200);
    }
}

#[tokio::test]
async fn a_grant_of_a_screen_in_testing_expires_after_seven_days() {
    let stage = Stage::open(testing(), None).await;
    let reply = stage.exchange(&stage.consent(&ALLOW).await["code"]).await;
    assert_eq!(reply.json()["refresh_token_expires_in"], 604_800);
    let refresh = tokens(&reply).refresh.unwrap();
    stage.sandbox.advance_clock(Duration::from_hours(7 * 24 - 1));
    assert_eq!(stage.refresh(&refresh).await.status, 200);
    stage.sandbox.advance_clock(Duration::from_hours(1));
    assert_eq!(stage.refresh(&refresh).await.refused(), (400, "invalid_grant".into()));
}

#[tokio::test]
async fn a_revocation_affects_the_other_channels_of_the_same_person() {
    let stage = stage().await;
    let studio = stage.connect("demostudio").await;
    let shorts = stage.connect("demoshorts").await.refresh.unwrap();
    let garden = stage.connect("quietgarden").await.refresh.unwrap();
    let url = format!("{}/youtube/revoke", stage.base);
    assert_eq!(stage.form(&url, &[("token", &studio.access)]).await.status, 200);
    for dead in [studio.refresh.unwrap(), shorts] {
        assert_eq!(stage.refresh(&dead).await.refused(), (400, "invalid_grant".into()));
    }
    assert_eq!(stage.refresh(&garden).await.status, 200);
    assert_eq!(stage.form(&url, &[("token", &studio.access)]).await.refused(), (400, "invalid_token".into()));
    assert_eq!(stage.form(&url, &[("token", &garden)]).await.status, 200);
    assert!(!stage.sandbox.youtube().revoke("nobody"));
}

#[tokio::test]
async fn the_hundred_and_first_refresh_token_kills_the_first() {
    let stage = stage().await;
    let first = stage.connect("demostudio").await.refresh.unwrap();
    let second = stage.connect("demostudio").await.refresh.unwrap();
    for _ in 0..99 {
        stage.connect("demoshorts").await;
    }
    assert_eq!(stage.refresh(&first).await.refused(), (400, "invalid_grant".into()));
    assert_eq!(stage.refresh(&second).await.status, 200);
}

#[test]
fn a_client_against_the_consoles_rules_is_not_registered() {
    let good = apps().youtube;
    for bad in [
        App { client_secret: String::new(), ..good.clone() },
        App { redirect_uris: vec!["http://app.example.com/callback".into()], ..good.clone() },
        App { scopes: vec!["youtube.upload".into()], ..good },
    ] {
        let base_url = url::Url::parse("http://127.0.0.1:9/").unwrap();
        let apps = Apps { youtube: bad, ..apps() };
        let settings = social_sandbox::Settings { base_url, storage: None, apps };
        assert!(social_sandbox::Sandbox::open(settings).is_err());
    }
}
