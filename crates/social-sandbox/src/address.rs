//! Addresses an app names: where users are sent back to, where videos are downloaded from.

use crate::request::is_loopback;
use url::{Host, Url};

/// `https` with a domain name, or anything on loopback.
pub(crate) fn may_be_pulled(url: &Url) -> bool {
    let named = matches!(url.host(), Some(Host::Domain(_)));
    let anonymous = url.username().is_empty() && url.password().is_none();
    anonymous && (url.scheme() == "https" && named || url.scheme() == "http" && is_loopback(url))
}

/// `https`, or `http` on loopback with a port; no fragment.
pub(crate) fn may_be_sent_to(url: &Url) -> bool {
    let local = is_loopback(url) && url.port().is_some();
    (url.scheme() == "https" || url.scheme() == "http" && local) && url.fragment().is_none()
}
