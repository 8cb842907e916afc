//! A rejected token gets a reason, without any secret (RFC 6750 §3).

use serde_json::{Value, json};

use super::issuer::Issuer;
use super::keys::{jwk, set, sign, sign_text, unsigned};
use super::{alice, ask, ask_with, world};
use crate::logs::Logs;

#[tokio::test]
async fn without_a_token_the_error_mentions_none() {
    let world = crate::world::World::new().await;
    for authorization in [None, Some("Bearer"), Some("Bearer "), Some("Basic YWxpY2U6cGFzcw==")] {
        let answer = ask_with(&world.app, authorization).await;
        assert_eq!((answer.status, answer.challenge.as_str()), (401, "Bearer"), "{authorization:?}");
        assert!(answer.message.starts_with("Sign in first"), "{answer:?}");
    }
    let token = crate::world::token("alice");
    assert_eq!(ask_with(&world.app, Some(&format!("bearer {token}"))).await.status, 200);
}

#[tokio::test]
async fn a_rejected_token_gets_its_reason_in_words_and_in_the_challenge() {
    let issuer = Issuer::start(&set(&[jwk("rsa", json!({"kid": "k"}))])).await;
    let world = world(&issuer, &[]).await;
    let header = |more: &Value| {
        let mut header = json!({"alg": "RS256", "kid": "k"});
        header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        header
    };
    let good = sign("rsa", header(&json!({})), &alice());
    let (signed, _) = good.rsplit_once('.').unwrap();
    let jwe = |header: Value| format!("{}.aXY.Y3Q.dGFn", unsigned(&header, ""));
    let long = json!({"sub": "alice", "exp": 4_102_444_800_i64, "more": "m".repeat(9000)});
    for (what, token, part) in [
        (
            "the session cookie of next-auth 4",
            jwe(json!({"alg": "dir", "enc": "A256GCM"})),
            "is encrypted (a JWE)",
        ),
        (
            "the session cookie of @auth/core",
            jwe(json!({"alg": "dir", "enc": "A256CBC-HS512", "kid": "t"})),
            "is encrypted (a JWE)",
        ),
        ("better-auth's session cookie", "hK3vR.c2lnbmF0dXJl%3D".to_owned(), "is not a JWT"),
        ("an opaque access token", "o".repeat(43), "is not a JWT"),
        ("three parts of nothing", "a.b.c".to_owned(), "is not a JWT"),
        ("five parts of nothing", "a.b.c.d.e".to_owned(), "is not a JWT"),
        ("a header without alg", sign_text("rsa", &json!({"kid": "k"}), "{}"), "is not a JWT"),
        ("a number as kid", sign("rsa", header(&json!({"kid": 7})), &alice()), "is not a JWT"),
        ("longer than 8 KiB", sign("rsa", header(&json!({})), &long), "longer than 8 KiB"),
        ("crit", sign("rsa", header(&json!({"crit": ["x"], "x": 1})), &alice()), "extensions (crit)"),
        (
            "crit of b64",
            sign("rsa", header(&json!({"crit": ["b64"], "b64": true})), &alice()),
            "extensions (crit)",
        ),
        ("crit of null", sign("rsa", header(&json!({"crit": null})), &alice()), "extensions (crit)"),
        ("no signature", format!("{signed}."), "signature"),
        ("another signature", format!("{signed}.AAAA"), "signature"),
        ("an unknown key", sign("rsa", header(&json!({"kid": "n"})), &alice()), "publishes no key"),
        ("claims that are a list", sign_text("rsa", &header(&json!({})), "[]"), "claims"),
        ("claims that are no JSON", sign_text("rsa", &header(&json!({})), "{"), "claims"),
        ("no sub", sign("rsa", header(&json!({})), &json!({"exp": 4_102_444_800_i64})), "user ID (sub)"),
        (
            "an alg with quotes",
            sign("rsa", header(&json!({"alg": "R\"\\\n"})), &alice()),
            "an unknown algorithm",
        ),
    ] {
        let answer = ask(&world.another_app(), &token).await;
        assert_eq!((answer.status, answer.code.as_str()), (401, "unauthorized"), "{what}: {answer:?}");
        assert!(answer.message.contains(part), "{what}: {answer:?}");
        let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{}\"", answer.message);
        assert_eq!(answer.challenge, challenge, "{what}");
        assert!(!answer.message.contains(&token) && answer.retry_after.is_none(), "{what}");
    }
}

#[tokio::test]
async fn the_operator_reads_one_line_a_minute_for_each_cause() {
    let (logs, _guard) = Logs::hear();
    let issuer = Issuer::start(&set(&[jwk("rsa", json!({"kid": "k"}))])).await;
    let world =
        world(&issuer, &[("AUTH_JWT_ISSUER", "https://id.example/"), ("AUTH_JWT_AUDIENCE", "web")]).await;
    let token = |kid: &str, iss: &str, aud: &str, sub: Value| {
        let claims = json!({"sub": sub, "exp": 4_102_444_800_i64, "iss": iss, "aud": aud});
        sign("rsa", json!({"alg": "RS256", "kid": kid}), &claims)
    };
    let ours = "https://id.example/";
    let bad = [
        ("unknown_kid", token("new\nline", ours, "web", json!("alice")), vec!["new\\nline"]),
        (
            "issuer_differs",
            token("k", "https://id.example", "web", json!("alice")),
            vec!["\"https://id.example\"", "\"https://id.example/\""],
        ),
        ("audience_differs", token("k", ours, "mobile", json!("alice")), vec!["\"mobile\"", "\"web\""]),
        ("no_subject", token("k", ours, "web", json!(7)), vec![]),
        ("not_a_jwt", "0paque-c00kie".to_owned(), vec![]),
        ("algorithm_not_accepted", crate::world::token("alice"), vec!["HS256", "EdDSA"]),
    ];
    for _ in 0..3 {
        for (_, token, _) in &bad {
            assert_eq!(ask(&world.app, token).await.status, 401);
        }
    }
    for (cause, token, parts) in &bad {
        let lines = logs.of(cause);
        assert_eq!(lines.len(), 1, "{cause}: {lines:?}");
        for part in parts {
            assert!(lines[0].contains(part), "{part} in {lines:?}");
        }
        assert!(!lines[0].contains(token.as_str()), "{lines:?}");
    }
    world.advance(std::time::Duration::from_mins(1)).await;
    assert_eq!(ask(&world.app, &bad[1].1).await.status, 401);
    assert_eq!(logs.of("issuer_differs").len(), 2);
}

#[tokio::test]
async fn keys_without_an_issuer_are_warned_of_at_the_start() {
    let (logs, _guard) = Logs::hear();
    let issuer = Issuer::start(&set(&[jwk("rsa", json!({"kid": "k"}))])).await;
    let mut world = world(&issuer, &[]).await;
    assert_eq!(logs.of("issuer_not_checked").len(), 1);
    world.set("AUTH_JWT_ISSUER", "https://securetoken.google.com/my-project");
    assert_eq!(logs.of("issuer_not_checked").len(), 1);
    // All of Firebase's projects share their keys: another project's token differs only in its claims.
    let of = |project: &str| {
        let iss = format!("https://securetoken.google.com/{project}");
        let claims = json!({"sub": "alice", "exp": 4_102_444_800_i64, "iss": iss, "aud": project});
        sign("rsa", json!({"alg": "RS256", "kid": "k"}), &claims)
    };
    assert_eq!(ask(&world.app, &of("my-project")).await.status, 200);
    assert_eq!(ask(&world.app, &of("another-project")).await.status, 401);
}
