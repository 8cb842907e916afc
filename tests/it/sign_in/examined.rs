//! What the doctor says of an issuer.

use serde_json::json;
use social_core::doctor::{Verdict, examine};

use super::issuer::Issuer;
use super::keys::{jwk, set, sign};
use super::{alice, world};

#[tokio::test]
async fn the_doctor_counts_an_issuers_keys_tries_a_token_and_names_an_outage() {
    let issuer = Issuer::start(&set(&[jwk("rsa", json!({"kid": "k"}))])).await;
    let world = world(&issuer, &[]).await;
    let token = sign("rsa", json!({"alg": "RS256", "kid": "k"}), &alice());
    let look = async || {
        let report = examine(&world.app.publisher.flow, Some(&token)).await;
        let found = |name: &str| report.checks.iter().find(|one| one.check == name).unwrap().clone();
        [found("sign_in"), found("token"), found("issuer")].map(|check| (check.verdict, check.finding))
    };
    let [keys, tried, checked] = look().await;
    assert_eq!(keys, (Verdict::Ok, "AUTH_JWKS_URL publishes 1 usable keys.".to_owned()));
    assert_eq!(tried, (Verdict::Ok, "The token is accepted. Its user is \"alice\".".to_owned()));
    assert_eq!(checked.0, Verdict::Warning);
    issuer.publish(&json!({"keys": [{"kty": "unknown"}]}));
    assert_eq!(look().await[0].0, Verdict::Wrong);
    issuer.hang_up();
    let [keys, tried, _] = look().await;
    assert!(keys.0 == Verdict::Wrong && keys.1.contains("cannot be fetched"), "{keys:?}");
    assert_eq!(tried.0, Verdict::Wrong);
}
