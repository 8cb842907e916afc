//! Any bytes as a user's token: only one that we signed, with an owner and a time to come, is accepted.
//!
//! The first byte chooses what the rest is: the header `Authorization`, a bearer token, or the header and the claims of a
//! token that we sign, on two lines.
#![no_main]

use std::sync::LazyLock;

use http::{HeaderValue, Request, StatusCode, header};
use serde_json::Value;
use social_fuzz::product::{JWT_SECRET, Product};
use social_fuzz::signature::token;

static PRODUCT: LazyLock<Product> = LazyLock::new(Product::without_database);

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&manner, rest)) = input.split_first() else { return };
    let mut lines = rest.splitn(2, |&byte| byte == b'\n');
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let value = match manner % 3 {
        0 => rest.to_vec(),
        1 => [b"Bearer ", rest].concat(),
        _ => format!("Bearer {}", token(JWT_SECRET, first, second)).into_bytes(),
    };
    // A server refuses any other header.
    let Ok(value) = HeaderValue::from_bytes(&value) else { return };
    // No post has this id: 404 for everybody who is signed in.
    let request = Request::get("/api/social-posts/none").header(header::AUTHORIZATION, value);
    let answer = PRODUCT.call(request.body(Vec::new().into()).expect("a request"));
    answer.assert_in_order();
    if answer.status == StatusCode::NOT_FOUND {
        assert_eq!(manner % 3, 2, "it is not signed");
        // A member that the product skips may hold what no JSON text can.
        let read = |part| serde_json::from_slice::<Value>(part);
        let (Ok(header), Ok(claims)) = (read(first), read(second)) else { return };
        assert_eq!(header["alg"], "HS256");
        assert!(claims["sub"].as_str().is_some_and(|owner| !owner.is_empty()), "{claims}");
        assert!(claims["exp"].as_f64().is_some_and(|time| time > 1_700_000_000.0), "{claims}");
    } else {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
});
