//! An issuer's outage never affects users who are signed in.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::issuer::Issuer;
use super::keys::{jwk, set, sign};
use super::{Answer, alice, ask, world};
use crate::logs::Logs;
use crate::world::World;

fn old() -> Value {
    jwk("rsa", json!({"kid": "old"}))
}

fn new() -> Value {
    jwk("rsa-new", json!({"kid": "new"}))
}

fn of_old() -> String {
    sign("rsa", json!({"alg": "RS256", "kid": "old"}), &alice())
}

fn of_new() -> String {
    sign("rsa-new", json!({"alg": "RS256", "kid": "new"}), &alice())
}

async fn pass(world: &World, seconds: u64) {
    world.advance(Duration::from_secs(seconds)).await;
}

/// Returns an issuer with only the old key, and functions that know it.
async fn warm() -> (Issuer, World) {
    let issuer = Issuer::start(&set(&[old()])).await;
    let world = world(&issuer, &[]).await;
    assert_eq!(ask(&world.app, &of_old()).await.status, 200);
    assert_eq!(issuer.asked(), 1);
    (issuer, world)
}

#[track_caller]
fn assert_unavailable(answer: &Answer, retry_after: &str) {
    assert_eq!((answer.status, answer.code.as_str()), (503, "sign_in_unavailable"), "{answer:?}");
    assert_eq!(
        (answer.retry_after.as_deref(), answer.challenge.as_str()),
        (Some(retry_after), ""),
        "{answer:?}"
    );
}

/// Returns the responses of a failing issuer: status, type, body, and the cause in the log.
fn troubles() -> Vec<(u16, &'static str, Vec<u8>, &'static str)> {
    let right = set(&[old()]).to_string();
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3];
    let large = json!({"keys": [old()], "more": "m".repeat(1024 * 1024)}).to_string();
    let discovery =
        json!({"issuer": "https://id.example", "jwks_uri": "https://id.example/jwks"}).to_string();
    let x509 = json!({"old": "-----BEGIN CERTIFICATE-----"}).to_string();
    vec![
        (500, "text/plain", b"Internal Server Error".to_vec(), "jwks_unreachable"),
        (500, "application/json", right.clone().into_bytes(), "jwks_unreachable"),
        (404, "text/html", b"<!doctype html>".to_vec(), "jwks_unreachable"),
        (403, "application/json", b"{}".to_vec(), "jwks_unreachable"),
        (302, "text/html", Vec::new(), "jwks_unreachable"),
        (429, "text/plain", Vec::new(), "jwks_unreachable"),
        (200, "application/json", large.into_bytes(), "jwks_unreachable"),
        (200, "text/html", b"<!doctype html>".to_vec(), "jwks_unreadable"),
        (200, "application/json", Vec::new(), "jwks_unreadable"),
        (200, "application/json", br#"{"keys":[]}"#.to_vec(), "jwks_unreadable"),
        (200, "application/json", br#"{"keys":7}"#.to_vec(), "jwks_unreadable"),
        (200, "application/json", discovery.into_bytes(), "jwks_unreadable"),
        (200, "application/json", x509.into_bytes(), "jwks_unreadable"),
        (200, "application/json", format!("[{}]", old()).into_bytes(), "jwks_unreadable"),
        (200, "application/json", old().to_string().into_bytes(), "jwks_unreadable"),
        (200, "application/json", gzip.to_vec(), "jwks_unreadable"),
    ]
}

#[tokio::test]
async fn a_cold_start_during_an_outage_returns_503_and_retries_within_a_second() {
    let (logs, _guard) = Logs::hear();
    let issuer = Issuer::start(&json!({})).await;
    let world = world(&issuer, &[]).await;
    for (at, (status, content_type, body, cause)) in troubles().into_iter().enumerate() {
        let (app, asked, logged) = (world.another_app(), issuer.asked(), logs.of(cause).len());
        issuer.answer(status, content_type, &body);
        assert_unavailable(&ask(&app, &of_old()).await, "1");
        assert_eq!(logs.of(cause).len(), logged + 1, "{at}");
        issuer.publish(&set(&[old()]));
        assert_unavailable(&ask(&app, &of_old()).await, "1");
        assert_eq!(issuer.asked(), asked + 1, "{at}: it was asked again at once");
        pass(&world, 1).await;
        assert_eq!(ask(&app, &of_old()).await.status, 200, "{at}");
    }
    let app = world.another_app();
    issuer.hang_up();
    assert_unavailable(&ask(&app, &of_old()).await, "1");
    assert!(logs.of("jwks_unreachable")[0].contains("500"), "{logs:?}");
}

#[tokio::test]
async fn a_response_with_a_byte_order_mark_or_of_900_kilobytes_is_read() {
    let issuer = Issuer::start(&json!({})).await;
    let world = world(&issuer, &[]).await;
    let marked = format!("\u{feff}{}", set(&[old()]));
    let large = json!({"keys": [old()], "more": "m".repeat(900 * 1024)}).to_string();
    for body in [marked, large] {
        issuer.answer(200, "application/jwk-set+json; charset=utf-8", body.as_bytes());
        assert_eq!(ask(&world.another_app(), &of_old()).await.status, 200);
    }
    let head = issuer.last_head();
    assert!(head.contains("\r\nuser-agent: social-publisher/"), "{head}");
}

#[tokio::test]
async fn failures_are_retried_with_growing_pauses_up_to_16_seconds() {
    let (logs, _guard) = Logs::hear();
    let issuer = Issuer::start(&json!({})).await;
    let world = world(&issuer, &[]).await;
    let mut seconds = 0;
    for (at, pause) in [1, 2, 4, 8, 16, 16, 16, 16].into_iter().enumerate() {
        assert_unavailable(&ask(&world.app, &of_old()).await, &pause.to_string());
        assert_eq!(issuer.asked(), at + 1);
        pass(&world, pause - 1).await;
        assert_unavailable(&ask(&world.app, &of_old()).await, "1");
        assert_eq!(issuer.asked(), at + 1, "it was asked again before {pause} s had passed");
        pass(&world, 1).await;
        seconds += pause;
    }
    // One at once and one after a minute.
    assert_eq!((seconds, logs.of("jwks_unreadable").len()), (79, 2));
    issuer.publish(&set(&[old()]));
    assert_eq!(ask(&world.app, &of_old()).await.status, 200);
}

#[tokio::test]
async fn no_user_is_signed_out_by_an_issuers_outage_or_by_tokens_with_unknown_keys() {
    let (issuer, world) = warm().await;
    for (status, content_type, body, _) in troubles() {
        pass(&world, 61).await;
        issuer.answer(status, content_type, &body);
        assert_eq!(ask(&world.app, &of_new()).await.status, 503);
        assert_eq!(ask(&world.app, &of_old()).await.status, 200);
    }
    // The outage lasts for a day, and bad tokens keep coming.
    for _ in 0..24 {
        pass(&world, 3600).await;
        assert_eq!(ask(&world.app, &of_old()).await.status, 200);
        assert_eq!(ask(&world.app, &of_new()).await.status, 503);
        assert_eq!(ask(&world.app, &of_old()).await.status, 200);
    }
    issuer.hang_up();
    pass(&world, 3600).await;
    assert_eq!(ask(&world.app, &of_old()).await.status, 200);
    // The issuer recovers, and new keys are known within seconds.
    issuer.publish(&set(&[new()]));
    pass(&world, 16).await;
    assert_eq!(ask(&world.app, &of_new()).await.status, 200);
    assert_eq!(ask(&world.app, &of_old()).await.status, 401);
}

#[tokio::test]
async fn who_is_signed_in_does_not_wait_for_a_fetch_that_only_a_bad_token_needs() {
    let (issuer, world) = warm().await;
    issuer.hang_up();
    pass(&world, 61).await;
    assert_eq!(ask(&world.app, &of_new()).await.status, 503);
    let asked = issuer.asked();
    pass(&world, 60).await;
    // Recent keys are enough: no fetch is needed, whatever the last one's outcome.
    assert_eq!(ask(&world.app, &of_old()).await.status, 200);
    assert_eq!(issuer.asked(), asked);
}

#[tokio::test]
async fn a_new_key_is_known_within_half_a_minute_and_a_withdrawn_one_is_believed_for_ten() {
    let (issuer, world) = warm().await;
    issuer.publish(&set(&[old(), new()]));
    let answer = ask(&world.app, &of_new()).await;
    assert!(answer.status == 401 && answer.message.contains("no key"), "{answer:?}");
    pass(&world, 30).await;
    assert_eq!(ask(&world.app, &of_new()).await.status, 200);
    issuer.publish(&set(&[new()]));
    pass(&world, 599).await;
    assert_eq!(ask(&world.app, &of_old()).await.status, 200);
    pass(&world, 1).await;
    assert_eq!(ask(&world.app, &of_old()).await.status, 401);
}

#[tokio::test]
async fn a_key_without_an_id_is_replaced_within_half_a_minute() {
    let issuer = Issuer::start(&set(&[jwk("rsa", json!({}))])).await;
    let world = world(&issuer, &[]).await;
    assert_eq!(ask(&world.app, &of_old()).await.status, 200);
    issuer.publish(&set(&[jwk("rsa-new", json!({}))]));
    pass(&world, 30).await;
    assert_eq!(ask(&world.app, &of_new()).await.status, 200);
}

#[tokio::test]
async fn unknown_keys_bring_a_fetch_every_half_minute_and_no_more() {
    let (issuer, world) = warm().await;
    for second in 0..120 {
        for key in ["rsa", "rsa-new"] {
            let token = sign(key, json!({"alg": "RS256", "kid": format!("{key}-{second}")}), &alice());
            assert_eq!(ask(&world.app, &token).await.status, 401);
        }
        pass(&world, 1).await;
    }
    assert_eq!(issuer.asked(), 1 + 3);
    // A token that names a known key, but is not signed with it, causes no fetch.
    pass(&world, 300).await;
    let forged = sign("rsa-new", json!({"alg": "RS256", "kid": "old"}), &alice());
    assert_eq!((ask(&world.app, &forged).await.status, issuer.asked()), (401, 4));
}

#[tokio::test]
async fn requests_at_once_share_one_fetch() {
    let issuer = Issuer::start(&set(&[old()])).await;
    let world = world(&issuer, &[]).await;
    let at_once = || async {
        let token = of_old();
        join_all((0..40).map(|_| ask(&world.app, &token))).await
    };
    assert!(at_once().await.iter().all(|answer| answer.status == 200));
    assert_eq!(issuer.asked(), 1);
    // Old keys are enough for all but the request that fetches.
    pass(&world, 600).await;
    issuer.hang_up();
    assert!(at_once().await.iter().all(|answer| answer.status == 200));
    assert_eq!(issuer.asked(), 2);
    // A failure is shared as well.
    let cold = world.another_app();
    let token = of_old();
    let answers = join_all((0..40).map(|_| ask(&cold, &token))).await;
    assert!(answers.iter().all(|answer| answer.status == 503), "{answers:?}");
    assert_eq!(issuer.asked(), 3);
}
