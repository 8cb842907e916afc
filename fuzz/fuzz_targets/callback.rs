//! Any query as an authorization response: the browser is redirected to the product's page, and the state stays
//! secret.
//!
//! The first byte chooses the platform, the callback, and whether the browser has its cookie. `STATE` in the query stands
//! for the state of an authorization request that has just begun.
#![no_main]

use std::sync::LazyLock;

use http::{Request, StatusCode, Uri, header};
use social_core::platform::FACTS;
use social_fuzz::product::{APP_URL, Product, signed_in};
use url::Url;

static PRODUCT: LazyLock<Product> = LazyLock::new(Product::with_database);

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&manner, query)) = input.split_first() else { return };
    let Ok(query) = str::from_utf8(query) else { return };
    let platform = FACTS[usize::from(manner % 4) % FACTS.len()].id.as_str();
    let path = format!("/api/social-accounts-connect?platform={platform}");
    let begun = PRODUCT.call(signed_in("POST", &path).body(Vec::new().into()).expect("a request"));
    assert_eq!(begun.status, StatusCode::OK, "{}", String::from_utf8_lossy(&begun.body));
    let page = Url::parse(begun.json()["authUrl"].as_str().expect("a page")).expect("a URL");
    let state = page.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
    let cookie = begun.headers[header::SET_COOKIE].to_str().expect("a cookie");

    let function = if manner & 8 == 0 { "social-accounts-callback" } else { "tiktok-callback" };
    let target = format!("/api/{function}?{}", query.replace("STATE", &state));
    // A server refuses any other request.
    let Ok(uri) = target.parse::<Uri>() else { return };
    let mut request = Request::get(uri);
    if manner & 4 == 0 {
        request = request.header(header::COOKIE, cookie.split(';').next().unwrap_or_default());
    }
    let landed = PRODUCT.call(request.body(Vec::new().into()).expect("a request"));
    assert_eq!(landed.status, StatusCode::FOUND, "{target}");
    let location = landed.headers[header::LOCATION].to_str().expect("a URL");
    let page = Url::parse(location).expect("a URL");
    assert_eq!(page.origin(), Url::parse(APP_URL).expect("a URL").origin(), "{location}");
    assert!(!location.contains(&state), "{location}");
});
