//! Any bytes as the body of a call: the product accepts it, or refuses it by a code. It never fails.
//!
//! The first byte chooses the call; the owner has an account on each platform, with the ids 1, 2, 3 and so on. A body
//! that may lead to another host is read without a database: a video that is validated, the work of the worker.
#![no_main]

use std::sync::{LazyLock, Mutex, PoisonError};

use http::{Request, StatusCode, header};
use social_fuzz::product::{Answer, Product, WORKER_SECRET, signed_in};

static PRODUCT: LazyLock<Product> = LazyLock::new(Product::with_database);
static WITHOUT_DATABASE: LazyLock<Product> = LazyLock::new(Product::without_database);

/// The post that is edited.
static POST: Mutex<Option<String>> = Mutex::new(None);

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&choice, body)) = input.split_first() else { return };
    match choice % 5 {
        0 => create(body),
        1 => change("PATCH", "", body),
        2 => change("POST", "/resolve", body),
        3 => {
            assert_read(&send(&WITHOUT_DATABASE, signed_in("POST", "/api/social-posts/validate"), body));
        }
        _ => {
            let request = Request::post("/api/social-post-worker")
                .header(header::AUTHORIZATION, format!("Bearer {WORKER_SECRET}"));
            assert_read(&send(&WITHOUT_DATABASE, request, body));
        }
    }
});

fn send(product: &Product, request: http::request::Builder, body: &[u8]) -> Answer {
    product.call(request.body(body.to_vec().into()).expect("a request"))
}

/// Checks that a body was read or refused: without a database that is all.
fn assert_read(answer: &Answer) {
    if answer.status != StatusCode::SERVICE_UNAVAILABLE {
        answer.assert_in_order();
    }
}

/// What was created can be read.
fn create(body: &[u8]) {
    let made = send(&PRODUCT, signed_in("POST", "/api/social-posts"), body);
    made.assert_in_order();
    if made.status.is_success() {
        let id = made.json()["id"].as_str().expect("an id").to_owned();
        let read = send(&PRODUCT, signed_in("GET", &format!("/api/social-posts/{id}")), b"");
        assert_eq!((read.status, read.json()), (StatusCode::OK, made.json()));
    }
}

/// A post that was changed makes place for a new one.
fn change(method: &str, what: &str, body: &[u8]) {
    let mut kept = POST.lock().unwrap_or_else(PoisonError::into_inner);
    let post = kept.get_or_insert_with(|| {
        let body = br#"{"videoUrl":"https://example.com/v.mp4","caption":"hello","title":"Hello","results":[
            {"accountId":"00000000-0000-0000-0000-000000000001","tiktok":{"privacy_level":"SELF_ONLY"}},
            {"accountId":"00000000-0000-0000-0000-000000000002","youtube":{"privacyStatus":"private",
                "selfDeclaredMadeForKids":false}},
            {"accountId":"00000000-0000-0000-0000-000000000003"},
            {"accountId":"00000000-0000-0000-0000-000000000004"}]}"#;
        let made = send(&PRODUCT, signed_in("POST", "/api/social-posts"), body);
        let id = made.json()["id"].as_str().map(str::to_owned);
        id.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&made.body)))
    });
    let changed = send(&PRODUCT, signed_in(method, &format!("/api/social-posts/{post}{what}")), body);
    changed.assert_in_order();
    if changed.status.is_success() {
        *kept = None;
    }
}
