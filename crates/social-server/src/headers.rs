//! The security headers of responses that no function made.

use axum::extract::State;
use axum::response::Response;
use http::HeaderValue;
use http::header::{self, HeaderName};

/// For a response that is no page.
pub(crate) const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// What a response has that says nothing else.
const FIXED: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// Adds the headers that a response does not have yet. Over https, browsers remember for a year to use nothing else.
pub(crate) async fn secure(State(https): State<bool>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if https {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(year);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[tokio::test]
    async fn a_response_gets_the_headers_it_lacks_and_keeps_those_it_has() {
        let mut page = Response::new(Body::empty());
        let policy = HeaderValue::from_static("default-src 'self'");
        page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        let page = secure(State(true), page).await;
        assert_eq!(page.headers()[header::CONTENT_SECURITY_POLICY], policy);
        assert_eq!(page.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
        let refusal = secure(State(false), Response::new(Body::empty())).await;
        assert_eq!(refusal.headers()[header::CONTENT_SECURITY_POLICY], POLICY);
        assert_eq!(refusal.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(!refusal.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}
