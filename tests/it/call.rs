//! Calls functions as a host does.

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use social_core::web::{Arrival, Functions};

/// Calls the function that a request names.
pub(crate) async fn answer(app: &Functions, request: Request<Bytes>, arrival: Arrival) -> Response<Bytes> {
    let name = request.uri().path().split('/').find(|segment| app.find(segment).is_some()).map(str::to_owned);
    match name {
        Some(name) => invoke(app, &name, request, arrival).await,
        None => whole(app.answer(request.map(Body::from)).await).await,
    }
}

/// Calls a function with a request that need not name it, as an event from inside the cloud.
pub(crate) async fn invoke(
    app: &Functions,
    function: &str,
    request: Request<Bytes>,
    arrival: Arrival,
) -> Response<Bytes> {
    let mut request = request.map(Body::from);
    request.extensions_mut().insert(arrival);
    whole(app.find(function).unwrap().answer(request).await).await
}

pub(crate) async fn whole(response: Response<Body>) -> Response<Bytes> {
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, axum::body::to_bytes(body, usize::MAX).await.unwrap())
}

/// Returns a client that does not follow redirects.
pub(crate) fn browser() -> reqwest::Client {
    reqwest::Client::builder()
        .tls_backend_preconfigured(social_core::http::tls_config())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}
