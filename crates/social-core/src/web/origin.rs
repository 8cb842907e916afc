//! Where a request came from, for the audit trail.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use http::{HeaderMap, HeaderName, header};

use crate::model::{Actor, Origin};
use crate::oauth::Flow;

/// 200 bytes: more says nothing about who it was.
const MOST_AGENT: usize = 200;

/// Where a request came from.
#[derive(Debug)]
pub(super) struct By(pub(super) Origin);

impl<S: Send + Sync> FromRequestParts<S> for By
where
    Flow: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let header = Flow::from_ref(state).config.client_address_header.clone();
        Ok(Self(Origin {
            // No request from outside has this extension.
            actor: parts.extensions.get().copied().unwrap_or(Actor::User),
            address: header.and_then(|name| address(&parts.headers, &name)),
            user_agent: agent(&parts.headers),
            request_id: parts.extensions.get().cloned(),
        }))
    }
}

/// Returns the last address in the header: the one that the nearest proxy has added. A client may send the others.
fn address(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let last = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

/// Returns what the client calls itself, without control characters, cut at the end of a character.
fn agent(headers: &HeaderMap) -> Option<String> {
    let text = String::from_utf8_lossy(headers.get(header::USER_AGENT)?.as_bytes());
    let mut agent = String::new();
    for c in text.chars().filter(|c| !c.is_control()) {
        if agent.len() + c.len_utf8() > MOST_AGENT {
            break;
        }
        agent.push(c);
    }
    Some(agent).filter(|agent| !agent.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_address_is_the_one_that_the_nearest_proxy_has_added() {
        let name = HeaderName::from_static("x-forwarded-for");
        let of = |value: &str| address(&headers(&[("x-forwarded-for", value)]), &name);
        assert_eq!(of("203.0.113.9"), Some("203.0.113.9".parse().unwrap()));
        assert_eq!(of("198.51.100.7, 2001:db8::1"), Some("2001:db8::1".parse().unwrap()));
        assert_eq!(of("203.0.113.9, unknown"), None);
        assert_eq!(address(&HeaderMap::new(), &name), None);
    }

    #[test]
    fn what_a_client_calls_itself_is_cut_between_two_characters() {
        let long = format!("{}\u{e9}", "a".repeat(199));
        assert_eq!(agent(&headers(&[("user-agent", &long)])).unwrap(), "a".repeat(199));
        assert_eq!(agent(&headers(&[("user-agent", "Mozilla/5.0")])).unwrap(), "Mozilla/5.0");
        assert_eq!(agent(&HeaderMap::new()), None);
    }
}
