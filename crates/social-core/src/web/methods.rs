//! HTTP methods: as the contract names them, as a router filters by them, as `Allow` lists them.

use axum::routing::MethodFilter;
use utoipa::openapi::HttpMethod;

/// Returns a method as axum's routers filter by it.
pub(super) fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
    }
}

/// The supported methods as `Allow` lists them (RFC 9110 §10.2.1), the safe ones first.
pub(super) fn allowed(methods: &[HttpMethod]) -> String {
    const ORDER: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
    let names: Vec<&str> = methods.iter().map(name).collect();
    ORDER.into_iter().filter(|name| names.contains(name)).collect::<Vec<_>>().join(", ")
}

/// Returns a method's name.
pub(super) fn name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Post => "POST",
        HttpMethod::Put => "PUT",
        HttpMethod::Delete => "DELETE",
        HttpMethod::Options => "OPTIONS",
        HttpMethod::Head => "HEAD",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Trace => "TRACE",
    }
}
