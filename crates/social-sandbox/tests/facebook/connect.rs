//! Consent, user tokens, Pages and their tokens, scopes.

use crate::harness::{Stage, app, read, stage, stage_with};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use social_sandbox::facebook::{Expiry, Limits, Role};
use social_sandbox::meta;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

const ALLOWED: [(&str, &str); 4] =
    [("account", "dana.demo"), ("scope", "all"), ("page", "all"), ("decision", "allow")];

#[tokio::test]
async fn a_person_opens_pages_to_the_app() {
    let stage = stage().await;
    let page = read(stage.client.get(stage.authorize_url(&Stage::authorize_query()))).await;
    assert!(
        page.body.contains("Sandbox — not Facebook") && page.body.contains("Demo Bakery"),
        "{}",
        page.body
    );
    let callback = stage.consent(&ALLOWED).await;
    assert_eq!((&*callback["state"], &*callback["from"]), ("some state/+&", "facebook"));
    let short = stage.exchange(&callback["code"]).await.ok();
    assert_eq!(short["expires_in"], 7_200);
    assert_eq!(stage.exchange(&callback["code"]).await.refused(), (100, Some(36_009)));
    let long = stage.extend(short["access_token"].as_str().unwrap()).await.ok();
    assert_eq!(long["expires_in"], 5_184_000);
    let long = long["access_token"].as_str().unwrap();
    assert_eq!(stage.get(long, "me?fields=id,name").await.ok()["name"], "Dana Demo");

    let fields = "id,name,username,access_token,tasks,category,picture{url},instagram_business_account{id}";
    let pages = stage.get(long, &format!("me/accounts?fields={fields}&limit=100")).await.ok();
    assert!(pages["paging"].get("next").is_none());
    let tasks: Vec<bool> = pages["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|page| page["tasks"].as_array().unwrap().contains(&json!("CREATE_CONTENT")))
        .collect();
    assert_eq!(tasks, [true, true, false]);
    assert!(pages["data"][0]["picture"]["data"]["url"].as_str().unwrap().ends_with("/avatar/demokitchen"));
}

#[tokio::test]
async fn pages_come_in_pages() {
    let stage = stage().await;
    stage.sandbox.facebook().set_limits(Limits { accounts_per_page: 2, ..Limits::default() });
    let _ = stage.sandbox.facebook().assign("dana.demo", "notoken", Role::Tokenless);
    let _ = stage.sandbox.facebook().assign("dana.demo", "portfolio", Role::Business);
    let (_, long) = stage.user(&ALLOWED).await;
    let mut reply = stage.get(&long, "me/accounts?fields=id,username,access_token&limit=100").await;
    let (mut names, mut tokens) = (Vec::new(), 0);
    loop {
        let body = reply.ok();
        for page in body["data"].as_array().unwrap() {
            names.push(page["username"].as_str().unwrap().to_owned());
            tokens += usize::from(page.get("access_token").is_some());
        }
        let Some(next) = body["paging"]["next"].as_str() else { break };
        assert!(next.contains(&long), "the address of the next page is a credential");
        reply = read(stage.client.get(next)).await;
    }
    assert_eq!(names, ["demokitchen", "demobakery", "readingroom", "notoken", "portfolio"]);
    assert_eq!(tokens, 4);
}

#[tokio::test]
async fn only_what_was_opened_is_listed() {
    let stage = stage().await;
    let _ = stage.sandbox.facebook().assign("dana.demo", "portfolio", Role::Business);
    let form = [
        ("account", "dana.demo"),
        ("scope", "pages_show_list"),
        ("scope", "pages_manage_posts"),
        ("page", "demobakery"),
        ("page", "portfolio"),
        ("decision", "allow"),
    ];
    let (_, long) = stage.user(&form).await;
    let pages = stage.get(&long, "me/accounts?fields=username").await.ok();
    assert_eq!(pages["data"].as_array().unwrap().len(), 1, "a portfolio's Page needs business_management");
    let granted = stage.get(&long, "me/permissions").await.ok();
    let status = |name: &str| {
        let all = granted["data"].as_array().unwrap();
        all.iter().find(|one| one["permission"] == name).unwrap()["status"].clone()
    };
    assert_eq!(
        (status("pages_show_list"), status("business_management")),
        (json!("granted"), json!("declined"))
    );
    let url = stage.url(&format!("debug_token?input_token={long}"));
    let debug = read(stage.client.get(url).bearer_auth("990602627938098|secret")).await.ok()["data"].clone();
    let ids: BTreeSet<String> =
        ["demobakery", "portfolio"].map(|name| stage.sandbox.facebook().id(name).unwrap()).into();
    let seen: BTreeSet<String> =
        serde_json::from_value(debug["granular_scopes"][0]["target_ids"].clone()).unwrap();
    assert_eq!(seen, ids, "what /me/accounts hides");

    let (_, nobody) = stage.user(&[("account", "sam.solo"), ("scope", "all"), ("decision", "allow")]).await;
    assert_eq!(stage.get(&nobody, "me/accounts").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn a_page_token_is_valid_as_long_as_the_token_it_comes_from() {
    let stage = stage().await;
    let (short, long) = stage.user(&ALLOWED).await;
    let token = |reply: Value| reply["data"][0]["access_token"].as_str().unwrap().to_owned();
    let of_short = token(stage.get(&short, "me/accounts?fields=access_token").await.ok());
    let of_long = token(stage.get(&long, "me/accounts?fields=access_token").await.ok());
    let id = stage.sandbox.facebook().id("demokitchen").unwrap();
    let path = format!("{id}/video_reels");
    stage.sandbox.advance_clock(Duration::from_secs(7_201));
    assert_eq!(stage.get(&of_short, &path).await.refused(), (190, Some(463)));
    stage.sandbox.advance_clock(Duration::from_hours(61 * 24));
    assert_eq!(stage.get(&of_long, &path).await.status, 200);
    assert_eq!(stage.extend(&long).await.refused(), (190, Some(463)), "what is dead can not be exchanged");
}

#[tokio::test]
async fn a_grant_ends_for_all_pages_at_once() {
    let stage = stage().await;
    let page = stage.connect("dana.demo").await;
    let (_, long) = stage.user(&ALLOWED).await;
    let user = stage.get(&long, "me?fields=id").await.ok()["id"].as_str().unwrap().to_owned();
    let path = format!("{}/video_reels", page.id);
    let withdrawn = stage.client.delete(stage.url(&format!("{user}/permissions/pages_read_engagement")));
    assert_eq!(read(withdrawn.bearer_auth(&long)).await.ok(), json!({ "success": true }));
    assert_eq!(stage.get(&page.token, &path).await.refused(), (10, None));
    let revoked = stage.client.delete(stage.url(&format!("{user}/permissions"))).bearer_auth(&long);
    assert_eq!(read(revoked).await.ok(), json!({ "success": true }));
    assert_eq!(stage.get(&page.token, &path).await.refused(), (190, Some(458)));
    assert_eq!(stage.get(&long, "me").await.refused(), (190, Some(458)));

    let page = stage.connect("dana.demo").await;
    stage.sandbox.facebook().dismiss("dana.demo", "demokitchen");
    let start = stage.post(&page.token, &path, json!({ "upload_phase": "start" })).await;
    assert_eq!(start.refused(), (190, Some(492)), "the person has lost the role");
}

#[tokio::test]
async fn a_faulty_request_is_shown_and_not_redirected() {
    let stage = stage().await;
    for (name, value) in [
        ("client_id", "1"),
        ("redirect_uri", "https://app.example.com/elsewhere"),
        ("scope", "publish_everything"),
    ] {
        let mut query = Stage::authorize_query();
        query.retain(|(field, _)| *field != name);
        query.push((name, value.to_owned()));
        let reply = read(stage.client.get(stage.authorize_url(&query))).await;
        assert!(reply.status == 400 && reply.body.contains(&format!("<strong>{name}</strong>")), "{name}");
    }
    let denied = stage.consent(&[("account", "dana.demo"), ("decision", "deny")]).await;
    assert_eq!((&*denied["error"], &*denied["error_reason"]), ("access_denied", "user_denied"));
    for (name, value, code) in
        [("client_id", "1", 101), ("client_secret", "x", 1), ("redirect_uri", "https://x", 100)]
    {
        let code_text = stage.consent(&ALLOWED).await["code"].clone();
        let mut form = vec![
            ("client_id", "990602627938098"),
            ("client_secret", "secret"),
            ("redirect_uri", crate::harness::REDIRECT),
            ("code", code_text.as_str()),
        ];
        form.retain(|(field, _)| *field != name);
        form.push((name, value));
        assert_eq!(stage.form(&stage.url("oauth/access_token"), &form).await.refused().0, code, "{name}");
    }
    stage.sandbox.facebook().set_limits(Limits { expiry: Expiry::Untold, ..Limits::default() });
    let code = stage.consent(&ALLOWED).await["code"].clone();
    assert!(stage.exchange(&code).await.ok().get("expires_in").is_none());
}

#[tokio::test]
async fn a_proof_is_an_hmac_of_the_token() {
    let stage = stage_with(meta::App { proof: meta::Proof::Required, ..app() }, None).await;
    let code = stage.consent(&ALLOWED).await["code"].clone();
    let token = stage.exchange(&code).await.ok()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(stage.get(&token, "me").await.refused(), (100, None));
    let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
    mac.update(token.as_bytes());
    let proof = mac.finalize().into_bytes().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    assert_eq!(stage.get(&token, &format!("me?appsecret_proof={proof}")).await.status, 200);
    assert_eq!(stage.get(&token, "me?appsecret_proof=00").await.refused(), (100, None));
}
