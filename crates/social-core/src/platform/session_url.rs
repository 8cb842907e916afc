//! The URL that receives a video's bytes.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

/// An upload URL that a platform returned. It is a credential, so it prints its host only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionUrl(pub(super) Url);

impl fmt::Debug for SessionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionUrl({})", self.0.host_str().unwrap_or_default())
    }
}

impl SessionUrl {
    /// Accepts a URL that may receive a video and a token, whatever the response says. It must be https, and
    /// its host `domain` or below it, or the host of `stand_in`, one of the operator's own base URLs.
    pub(super) fn trusted(text: &str, domain: &str, stand_in: &Url) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let same = url.scheme() == stand_in.scheme()
            && url.host() == stand_in.host()
            && url.port_or_known_default() == stand_in.port_or_known_default();
        let host = url.host_str()?;
        let under = host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        let own = url.scheme() == "https" && url.port_or_known_default() == Some(443) && under;
        (same || own).then_some(Self(url))
    }

    /// Returns the URL for a call.
    #[must_use]
    pub fn url(&self) -> Url {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_to_the_platforms_own_hosts_or_to_the_simulated_ones() {
        let stand_in = Url::parse("http://127.0.0.1:8888/sandbox/facebook").unwrap();
        let trusted = |text: &str| SessionUrl::trusted(text, "rupload.facebook.com", &stand_in).is_some();
        for good in [
            "https://rupload.facebook.com/video-upload/v25.0/880000000000123",
            "https://eu.rupload.facebook.com/x",
            "http://127.0.0.1:8888/sandbox/upload/1",
        ] {
            assert!(trusted(good), "{good}");
        }
        for bad in [
            "http://rupload.facebook.com/x",
            "https://rupload.facebook.com:8443/x",
            "https://evilrupload.facebook.com/x",
            "https://rupload.facebook.com.evil.example/x",
            "http://127.0.0.1:8889/x",
            "https://evil.example/?rupload.facebook.com",
            "rupload.facebook.com",
        ] {
            assert!(!trusted(bad), "{bad}");
        }
        let printed =
            SessionUrl::trusted("https://rupload.facebook.com/x?key=canary", "facebook.com", &stand_in);
        assert_eq!(format!("{printed:?}"), "Some(SessionUrl(rupload.facebook.com))");
    }
}
