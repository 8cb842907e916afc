use std::convert::Infallible;

use lambda_http::lambda_runtime::{Context, LambdaEvent, Service as _};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Response};
use serde_json::Value;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_deadline_leaves_time_to_answer_and_a_past_one_is_unknown() {
    let now = at("2026-12-02T18:30:00Z");
    let milliseconds = |text| u64::try_from(at(text).timestamp_millis()).unwrap();
    assert_eq!(
        deadline(milliseconds("2026-12-02T18:30:30Z"), now),
        Some(Deadline(at("2026-12-02T18:30:29Z")))
    );
    assert_eq!(deadline(milliseconds("2026-12-02T18:29:59Z"), now), None);
    // `cargo lambda watch` sends a duration.
    assert_eq!(deadline(600_000, now), None);
    assert_eq!(deadline(0, now), None);
    assert_eq!(deadline(u64::MAX, now), None);
}

#[test]
fn a_refusal_to_start_reads_like_a_message_however_it_is_printed() {
    let refused = Refused("one\n  two".to_owned());
    assert_eq!(format!("{refused}"), "one\n  two");
    assert_eq!(format!("{refused:?}"), "one\n  two");
}

/// Returns what the runtime would send back for `event` if the handler returned `response`.
async fn sent(event: &str, response: Response<Bytes>) -> Value {
    let payload: LambdaRequest = serde_json::from_str(&event::normalise(event)).unwrap();
    let response = response.map(text_if_possible);
    let mut adapter = Adapter::from(service_fn(move |_: lambda_http::Request| {
        let response = response.clone();
        async move { Ok::<_, Infallible>(response) }
    }));
    let sent = adapter.call(LambdaEvent::new(payload, Context::default())).await.unwrap();
    serde_json::to_value(&sent).unwrap()
}

fn answer() -> Response<Bytes> {
    Response::builder()
        .status(302)
        .header("location", "/")
        .header("content-type", "application/json")
        .header("set-cookie", "a=1; Path=/")
        .header("set-cookie", "b=2; Path=/")
        .body(Bytes::from_static(b"{\"ok\":true}"))
        .unwrap()
}

#[tokio::test]
async fn several_cookies_reach_the_browser_through_every_gateway() {
    let both = serde_json::json!(["a=1; Path=/", "b=2; Path=/"]);
    let netlify = r#"{"httpMethod":"GET","path":"/x","headers":{"x-nf-account-id":null}}"#;
    let sent_to_netlify = sent(netlify, answer()).await;
    assert_eq!(sent_to_netlify["statusCode"], 302);
    assert_eq!(sent_to_netlify["multiValueHeaders"]["set-cookie"], both);
    assert_eq!(sent_to_netlify["body"], "{\"ok\":true}");
    assert_eq!(sent_to_netlify["isBase64Encoded"], false);
    let second = r#"{"version":"2.0","rawPath":"/x","rawQueryString":"","headers":{},"requestContext":{"http":{"method":"GET"}}}"#;
    let sent_to_second = sent(second, answer()).await;
    assert_eq!(sent_to_second["cookies"], both);
    assert_eq!(sent_to_second["headers"].get("set-cookie"), None);
    let balancer =
        r#"{"httpMethod":"GET","path":"/x","headers":{},"requestContext":{"elb":{"targetGroupArn":"x"}}}"#;
    assert_eq!(sent(balancer, answer()).await["multiValueHeaders"]["set-cookie"], both);
}

#[tokio::test]
async fn an_answer_to_eventbridge_is_its_body_as_json() {
    assert_eq!(sent("{}", answer()).await, serde_json::json!({ "ok": true }));
}

#[tokio::test]
async fn bytes_that_are_no_text_are_sent_in_base64() {
    let response =
        Response::builder().header("content-type", "image/png").body(Bytes::from_static(b"\xff")).unwrap();
    let sent = sent(r#"{"httpMethod":"GET","path":"/x"}"#, response).await;
    assert_eq!((&sent["body"], &sent["isBase64Encoded"]), (&"/w==".into(), &true.into()));
}

#[tokio::test]
async fn an_unreadable_request_is_refused_in_a_shape_every_gateway_understands() {
    let event = r#"{"requestContext":{"routeKey":"$connect"},"isBase64Encoded":false}"#;
    let payload: LambdaRequest = serde_json::from_str(event).unwrap();
    let mut adapter = Adapter::from(service_fn(|request: lambda_http::Request| async move {
        assert!(event::admit(request).is_err());
        Ok::<_, Infallible>(refusal())
    }));
    let sent = adapter.call(LambdaEvent::new(payload, Context::default())).await.unwrap();
    let sent = serde_json::to_value(&sent).unwrap();
    assert_eq!(sent["statusCode"], 400);
    assert!(sent["body"].as_str().unwrap().contains("unreadable_request"));
}
