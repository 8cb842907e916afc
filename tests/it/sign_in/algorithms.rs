//! Which key verifies which token: the key's own type, curve, `alg`, `use` and `key_ops` decide, never the
//! token alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::issuer::Issuer;
use super::keys::{jwk, set, sign, sign_with_secret, unsigned};
use super::{alice, ask, world};
use crate::world::World;

/// A set of keys, a signing key, the token's header, and the outcome: `None`, or the error's text.
type Row = (&'static str, Vec<Value>, &'static str, Value, Option<&'static str>);

/// Checks rows with the functions, each in a process of its own.
async fn hold(rows: Vec<Row>) {
    let issuer = Issuer::start(&set(&[jwk("rsa", json!({}))])).await;
    let world = world(&issuer, &[]).await;
    for (what, keys, signs, header, refusal) in rows {
        issuer.publish(&set(&keys));
        check(&world, what, &sign(signs, header, &alice()), refusal).await;
    }
}

async fn check(world: &World, what: &str, token: &str, refusal: Option<&str>) {
    let answer = ask(&world.another_app(), token).await;
    match refusal {
        None => assert_eq!(answer.status, 200, "{what}: {answer:?}"),
        Some(part) => {
            assert_eq!((answer.status, answer.code.as_str()), (401, "unauthorized"), "{what}: {answer:?}");
            assert!(answer.message.contains(part), "{what}: {answer:?}");
        }
    }
}

const NO_KEY: Option<&str> = Some("no key");
const FORGED: Option<&str> = Some("signature");

#[tokio::test]
async fn every_asymmetric_algorithm_is_taken_from_a_key_that_names_it_or_fits_it() {
    let mut rows: Vec<Row> = Vec::new();
    let algorithms = [
        ("RS256", "rsa"),
        ("RS384", "rsa"),
        ("RS512", "rsa"),
        ("PS256", "rsa"),
        ("PS384", "rsa"),
        ("PS512", "rsa"),
        ("ES256", "p256"),
        ("ES384", "p384"),
        ("EdDSA", "ed25519"),
        ("Ed25519", "ed25519"),
    ];
    for (alg, key) in algorithms {
        rows.push((
            alg,
            vec![jwk(key, json!({"kid": "k", "alg": alg}))],
            key,
            json!({"alg": alg, "kid": "k"}),
            None,
        ));
        rows.push((alg, vec![jwk(key, json!({"kid": "k"}))], key, json!({"alg": alg, "kid": "k"}), None));
    }
    // The header and key of better-auth: no `typ`, no `use`; and the two names of one algorithm.
    let named = |alg| vec![jwk("ed25519", json!({"kid": "k", "alg": alg}))];
    rows.push(("EdDSA by Ed25519", named("Ed25519"), "ed25519", json!({"alg": "EdDSA", "kid": "k"}), None));
    rows.push(("Ed25519 by EdDSA", named("EdDSA"), "ed25519", json!({"alg": "Ed25519", "kid": "k"}), None));
    hold(rows).await;
}

#[tokio::test]
async fn a_key_verifies_only_what_it_is_for() {
    let rs256 = || json!({"alg": "RS256", "kid": "k"});
    let with = |more| vec![jwk("rsa", more)];
    hold(vec![
        ("use sig", with(json!({"kid": "k", "use": "sig"})), "rsa", rs256(), None),
        ("use enc", with(json!({"kid": "k", "use": "enc"})), "rsa", rs256(), NO_KEY),
        (
            "key_ops verify",
            with(json!({"kid": "k", "key_ops": ["verify"], "ext": true})),
            "rsa",
            rs256(),
            None,
        ),
        ("key_ops encrypt", with(json!({"kid": "k", "key_ops": ["encrypt"]})), "rsa", rs256(), NO_KEY),
        ("alg RS512", with(json!({"kid": "k", "alg": "RS512"})), "rsa", rs256(), NO_KEY),
        ("alg PS256", with(json!({"kid": "k", "alg": "PS256"})), "rsa", rs256(), NO_KEY),
        ("alg RSA-OAEP", with(json!({"kid": "k", "alg": "RSA-OAEP-512"})), "rsa", rs256(), NO_KEY),
        ("alg null", with(json!({"kid": "k", "alg": null})), "rsa", rs256(), None),
        ("alg of another type", with(json!({"kid": "k", "alg": "ES256"})), "rsa", rs256(), NO_KEY),
        (
            "x5c and more",
            with(json!({"kid": "k", "x5c": ["x"], "x5t": "y", "issued": 1})),
            "rsa",
            rs256(),
            None,
        ),
        (
            "another curve than it says",
            vec![jwk("p256", json!({"kid": "k", "crv": "P-384"}))],
            "p256",
            json!({"alg": "ES256", "kid": "k"}),
            NO_KEY,
        ),
        ("another's key", vec![jwk("rsa-new", json!({"kid": "k"}))], "rsa", rs256(), FORGED),
    ])
    .await;
}

#[tokio::test]
async fn ids_are_optional_on_either_side() {
    let bare = || json!({"alg": "RS256"});
    let named = || json!({"alg": "RS256", "kid": "k"});
    let (old, new) = (|more| jwk("rsa", more), |more| jwk("rsa-new", more));
    hold(vec![
        ("neither has one", vec![old(json!({}))], "rsa", bare(), None),
        ("the key has none", vec![old(json!({}))], "rsa", named(), None),
        ("the token has none", vec![old(json!({"kid": "k"}))], "rsa", bare(), None),
        (
            "the token has none, and several keys fit",
            vec![jwk("p256", json!({})), new(json!({"kid": "a"})), old(json!({"kid": "b"}))],
            "rsa",
            bare(),
            None,
        ),
        (
            "no key fits the algorithm",
            vec![jwk("p256", json!({}))],
            "rsa",
            bare(),
            Some("none of the issuer's keys"),
        ),
        (
            "two keys of one id",
            vec![new(json!({"kid": "k"})), old(json!({"kid": "k"}))],
            "rsa",
            named(),
            None,
        ),
        (
            "two of one id, and neither",
            vec![new(json!({"kid": "k"})), jwk("p256", json!({"kid": "k"}))],
            "rsa",
            named(),
            FORGED,
        ),
        ("another id", vec![old(json!({"kid": "other"}))], "rsa", named(), NO_KEY),
    ])
    .await;
}

#[tokio::test]
async fn neighbours_that_cannot_be_used_are_skipped() {
    let short = URL_SAFE_NO_PAD.encode([7; 5]);
    let neighbours = [
        json!({"kid": 7, "kty": "RSA", "n": "AQAB", "e": "AQAB"}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": short, "kid": "k", "alg": "EdDSA"}),
        json!({"kty": "EC", "crv": "P-256", "x": short, "y": short, "kid": "k"}),
        json!({"kty": "EC", "crv": "P-256", "kid": "k"}),
        json!({"kty": "RSA", "n": "!", "e": "AQAB", "kid": "k"}),
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AQAB", "kid": "k"}),
        json!({"kty": "oct", "kid": "k"}),
        json!({"kty": "oct", "k": "AQAB", "kid": "k", "alg": "HS256"}),
        json!({"kid": "k"}),
        json!("a text"),
        json!(null),
        jwk("p521", json!({"kid": "k"})),
        jwk("ed448", json!({"kid": "k"})),
        jwk("x25519", json!({"kid": "k"})),
        jwk("secp256k1", json!({"kid": "k"})),
        jwk("rsa-new", json!({"kid": "k", "alg": "RSA-OAEP"})),
    ];
    let mut rows: Vec<Row> = Vec::new();
    for neighbour in &neighbours {
        for (alg, key) in [("RS256", "rsa"), ("ES256", "p256"), ("EdDSA", "ed25519")] {
            let keys = vec![neighbour.clone(), jwk(key, json!({"kid": "k"}))];
            rows.push(("a neighbour", keys, key, json!({"alg": alg, "kid": "k"}), None));
        }
    }
    rows.push(("all", neighbours.to_vec(), "ed25519", json!({"alg": "EdDSA", "kid": "k"}), NO_KEY));
    hold(rows).await;
}

#[tokio::test]
async fn no_key_of_an_issuer_is_a_shared_secret() {
    let public = jwk("rsa", json!({"kid": "k"}));
    let secret =
        json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode("a secret of thirty-two characters"), "kid": "s"});
    let issuer = Issuer::start(&set(&[public.clone(), secret])).await;
    let world = world(&issuer, &[]).await;
    let modulus = URL_SAFE_NO_PAD.decode(public["n"].as_str().unwrap()).unwrap();
    let hs = |kid| json!({"alg": "HS256", "kid": kid});
    let claims = alice();
    for (what, token) in [
        ("HS256 over the public key", sign_with_secret(&modulus, &hs("k"), &claims)),
        (
            "HS256 over its text",
            sign_with_secret(public["n"].as_str().unwrap().as_bytes(), &hs("k"), &claims),
        ),
        (
            "HS256 by a published secret",
            sign_with_secret(b"a secret of thirty-two characters", &hs("s"), &claims),
        ),
    ] {
        check(&world, what, &token, Some("signed with HS256. These algorithms are accepted: RS256,")).await;
    }
    for none in ["none", "None", "NONE"] {
        let token = format!("{}.", unsigned(&json!({"alg": none, "kid": "k"}), &claims.to_string()));
        check(&world, none, &token, Some("isn't signed")).await;
    }
    for unknown in ["ES512", "ES256K", "ML-DSA-44"] {
        let token = format!("{}.AAAA", unsigned(&json!({"alg": unknown, "kid": "k"}), &claims.to_string()));
        check(&world, unknown, &token, Some(unknown)).await;
    }
    assert_eq!(issuer.asked(), 0, "keys were fetched for a token that no key may verify");
}

#[tokio::test]
async fn a_shared_secret_verifies_hs256_alone() {
    let world = World::new().await;
    let secret = crate::world::JWT_SECRET.as_bytes();
    check(&world, "HS256", &sign_with_secret(secret, &json!({"alg": "HS256", "kid": "any"}), &alice()), None)
        .await;
    for (alg, key) in [("RS256", "rsa"), ("ES256", "p256"), ("EdDSA", "ed25519")] {
        let token = sign(key, json!({"alg": alg}), &alice());
        check(&world, alg, &token, Some("These algorithms are accepted: HS256.")).await;
    }
    let other = sign_with_secret(b"another secret", &json!({"alg": "HS256"}), &alice());
    check(&world, "another secret", &other, FORGED).await;
}
