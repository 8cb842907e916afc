//! The claims of a token, and the requirements for them.

use serde_json::{Value, json};

use super::issuer::Issuer;
use super::keys::{jwk, set, sign, sign_text};
use super::{ask, world};
use crate::world::World;

fn header() -> Value {
    json!({"alg": "RS256", "kid": "k"})
}

async fn at_an_issuer(vars: &[(&'static str, &str)]) -> World {
    let issuer = Issuer::start(&set(&[jwk("rsa", json!({"kid": "k"}))])).await;
    world(&issuer, vars).await
}

#[tokio::test]
async fn times_may_have_fractions_and_clocks_differ_by_a_minute() {
    let world = at_an_issuer(&[]).await;
    let now = world.now().timestamp();
    let (expired, early, none) = (Some("has expired"), Some("isn't valid yet"), Some("no expiry time"));
    for (times, refusal) in [
        (format!(r#""exp": {}.9876"#, now + 600), None),
        (format!(r#""exp": {}"#, now - 59), None),
        (format!(r#""exp": {}.5"#, now - 60), None),
        (format!(r#""exp": {}"#, now - 60), expired),
        (format!(r#""exp": {}.25"#, now - 61), expired),
        (r#""exp": 1.7961264e9"#.to_owned(), None),
        (r#""exp": 1e300"#.to_owned(), None),
        (r#""exp": 18446744073709551615"#.to_owned(), None),
        (r#""exp": -5"#.to_owned(), expired),
        (r#""exp": "4102444800""#.to_owned(), none),
        (r#""exp": null"#.to_owned(), none),
        (r#""iat": 1"#.to_owned(), none),
        (format!(r#""exp": 4102444800, "nbf": {}"#, now + 60), None),
        (format!(r#""exp": 4102444800, "nbf": {}.75"#, now + 59), None),
        (format!(r#""exp": 4102444800, "nbf": {}.25"#, now + 60), early),
        (format!(r#""exp": 4102444800, "nbf": {}"#, now + 61), early),
        (r#""exp": 4102444800, "nbf": "soon""#.to_owned(), early),
        (r#""exp": 4102444800, "nbf": null"#.to_owned(), None),
    ] {
        let answer =
            ask(&world.app, &sign_text("rsa", &header(), &format!(r#"{{"sub": "alice", {times}}}"#))).await;
        match refusal {
            None => assert_eq!(answer.status, 200, "{times}: {answer:?}"),
            Some(part) => {
                assert!(answer.status == 401 && answer.message.contains(part), "{times}: {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn one_audience_of_several_will_do() {
    let issuer = "https://id.example/";
    let world = at_an_issuer(&[("AUTH_JWT_ISSUER", issuer), ("AUTH_JWT_AUDIENCE", "web, mobile")]).await;
    for (iss, aud, refusal) in [
        (json!(issuer), json!("web"), None),
        (json!(issuer), json!("mobile"), None),
        (json!(issuer), json!(["userinfo", "mobile"]), None),
        (json!(issuer), json!("web, mobile"), Some("another audience")),
        (json!(issuer), json!("other"), Some("another audience")),
        (json!(issuer), json!([]), Some("another audience")),
        (json!(issuer), json!([["web"]]), Some("another audience")),
        (json!(issuer), Value::Null, Some("another audience")),
        (json!("https://id.example"), json!("web"), Some("another issuer")),
        (json!([issuer]), json!("web"), Some("another issuer")),
        (Value::Null, json!("web"), Some("another issuer")),
    ] {
        let claims = json!({"sub": "alice", "exp": 4_102_444_800_i64, "iss": iss, "aud": aud});
        let answer = ask(&world.app, &sign("rsa", header(), &claims)).await;
        match refusal {
            None => assert_eq!(answer.status, 200, "{claims}: {answer:?}"),
            Some(part) => {
                assert!(answer.status == 401 && answer.message.contains(part), "{claims}: {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_user_id_is_a_text_of_1_to_255_characters() {
    let world = at_an_issuer(&[]).await;
    let (most, too_long) = ("a".repeat(255), "a".repeat(256));
    for (sub, status) in [
        (json!("alice"), 200),
        (json!(most), 200),
        (json!(too_long), 401),
        (json!(7), 401),
        (json!(""), 401),
        (Value::Null, 401),
    ] {
        let token = sign("rsa", header(), &json!({"sub": sub, "exp": 4_102_444_800_i64}));
        let answer = ask(&world.app, &token).await;
        assert_eq!(answer.status, status, "{sub}: {answer:?}");
        assert!(status == 200 || answer.message.contains("user ID (sub)"), "{answer:?}");
    }
}
