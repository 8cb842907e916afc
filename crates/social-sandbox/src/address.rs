//! Checks the URLs of an app: its redirect URIs and the sources of its videos.

use crate::request::is_loopback;
use url::{Host, Url};

/// Reports whether videos may be downloaded from it: `https` with a domain name, or any URL on loopback.
pub(crate) fn may_be_pulled(url: &Url) -> bool {
    let named = matches!(url.host(), Some(Host::Domain(_)));
    let anonymous = url.username().is_empty() && url.password().is_none();
    anonymous && (url.scheme() == "https" && named || url.scheme() == "http" && is_loopback(url))
}

/// Reports whether a user may be redirected to it: `https`, or `http` on loopback with a port; no fragment.
pub(crate) fn may_be_sent_to(url: &Url) -> bool {
    let local = is_loopback(url) && url.port().is_some();
    (url.scheme() == "https" || url.scheme() == "http" && local) && url.fragment().is_none()
}
