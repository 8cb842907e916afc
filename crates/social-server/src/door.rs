//! Checks the `Host` of requests in local mode.
//!
//! A page on the internet can point its own name at 127.0.0.1 (DNS rebinding), and would then share our
//! origin. The `Host` that it must send reveals it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use url::{Host, Url};

use crate::refusal::refusal;

/// Accepts requests to this machine's own names, and to the product's host, which may be a tunnel's.
pub(crate) async fn only_ours(State(app_host): State<Arc<str>>, request: Request, next: Next) -> Response {
    let named = host(request.headers()).is_some_and(|host| is_loopback(&host) || host == *app_host);
    if named {
        next.run(request).await
    } else {
        let message = "This server accepts requests to localhost only.";
        refusal(StatusCode::MISDIRECTED_REQUEST, "unknown_host", message)
    }
}

/// Reports whether a request was made on this machine, by a page of ours or by no page.
pub(crate) fn is_at_home(headers: &HeaderMap) -> bool {
    let forwarded = ["forwarded", "x-forwarded-for", "x-forwarded-host"];
    let site = headers.get("sec-fetch-site").map(http::HeaderValue::as_bytes);
    host(headers).is_some_and(|host| is_loopback(&host))
        && !forwarded.iter().any(|name| headers.contains_key(*name))
        && site.is_none_or(|site| matches!(site, b"same-origin" | b"none"))
}

/// Returns the `Host` without the port.
fn host(headers: &HeaderMap) -> Option<String> {
    let mut given = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (given.next(), given.next()) else { return None };
    Url::parse(&format!("http://{}/", host.to_str().ok()?)).ok()?.host_str().map(str::to_owned)
}

fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Ok(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_this_machines_own_names_are_home() {
        for name in ["localhost:8888", "127.0.0.1:8888", "[::1]:8888", "localhost"] {
            assert!(is_at_home(&headers(&[("host", name)])), "{name}");
        }
        for name in
            ["evil.example:8888", "localhost.evil.example", "127.0.0.1.evil.example", "", "a@localhost.b"]
        {
            assert!(!is_at_home(&headers(&[("host", name)])), "{name}");
        }
        assert!(!is_at_home(&HeaderMap::new()));
    }

    #[test]
    fn neither_a_foreign_page_nor_a_tunnel_is_at_home() {
        assert!(is_at_home(&headers(&[("host", "localhost"), ("sec-fetch-site", "same-origin")])));
        assert!(!is_at_home(&headers(&[("host", "localhost"), ("sec-fetch-site", "cross-site")])));
        assert!(!is_at_home(&headers(&[("host", "localhost"), ("sec-fetch-site", "same-site")])));
        assert!(!is_at_home(&headers(&[("host", "localhost"), ("x-forwarded-for", "203.0.113.9")])));
    }
}
