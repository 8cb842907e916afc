//! Redirects: each hop is a URL of its own, and is checked like one.

use reqwest::Response;
use reqwest::StatusCode;
use reqwest::header::LOCATION;
use url::Url;

use super::address::{self, AddressPolicy};
use super::source_error::SourceError;

/// Three: a share link, its host's own redirect, and the signed URL behind it.
pub(super) const MOST_HOPS: usize = 3;

/// The URL that a response redirects to, if it is a redirect to an allowed one.
pub(super) fn next(response: &Response, policy: AddressPolicy) -> Result<Option<Url>, SourceError> {
    if !is_redirect(response.status()) {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let from = response.url();
    judged(from, location.ok_or(SourceError::Redirects)?, policy).map(Some)
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    )
}

/// The URL of a redirect from `from`, if a video may be read from it.
fn judged(from: &Url, location: &str, policy: AddressPolicy) -> Result<Url, SourceError> {
    let mut to = from.join(location.trim()).map_err(|_| SourceError::Redirects)?;
    if from.scheme() == "https" && to.scheme() != "https" {
        return Err(SourceError::Redirects);
    }
    // A server out there has no business with what runs on this machine, in local mode either.
    let policy = if address::is_here(from) { policy } else { AddressPolicy::PublicOnly };
    match address::check(&to, policy) {
        Ok(()) => {
            to.set_fragment(None);
            Ok(to)
        }
        Err(SourceError::UrlForbidden(refusal)) => Err(refusal.into()),
        Err(_) => Err(SourceError::Redirects),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(from: &str, location: &str, policy: AddressPolicy) -> Result<String, &'static str> {
        judged(&Url::parse(from).unwrap(), location, policy).map(String::from).map_err(|error| error.code())
    }

    #[test]
    fn a_hop_is_judged_like_an_address_that_was_given() {
        let from = "https://cdn.example.com/a/v.mp4?x=1";
        for (location, to) in [
            ("https://signed.example.net/v.mp4?sig=a#t=1", "https://signed.example.net/v.mp4?sig=a"),
            ("//signed.example.net/v.mp4", "https://signed.example.net/v.mp4"),
            ("/b/v.mp4", "https://cdn.example.com/b/v.mp4"),
            ("w.mp4", "https://cdn.example.com/a/w.mp4"),
            ("?x=2", "https://cdn.example.com/a/v.mp4?x=2"),
            ("https://cdn.example.com:443/b", "https://cdn.example.com/b"),
            ("https://8.8.8.8/v.mp4", "https://8.8.8.8/v.mp4"),
        ] {
            assert_eq!(hop(from, location, AddressPolicy::PublicOnly).as_deref(), Ok(to), "{location}");
        }
        let forbidden = "video_url_forbidden";
        let redirects = "video_url_redirects";
        for (location, code) in [
            ("https://10.0.0.1/v.mp4", forbidden),
            ("https://192.168.1.1/", forbidden),
            ("https://127.0.0.1/", forbidden),
            ("https://2130706433/", forbidden),
            ("https://0x7f.1/", forbidden),
            ("https://[::1]/", forbidden),
            ("https://[::ffff:169.254.169.254]/", forbidden),
            ("https://169.254.169.254/latest/meta-data/", forbidden),
            ("https://168.63.129.16/", forbidden),
            ("https://metadata.google.internal/", forbidden),
            ("//localhost/", forbidden),
            ("https://intranet/", forbidden),
            ("https://user@cdn.example.com/", forbidden),
            ("https://:secret@cdn.example.com/", forbidden),
            ("https://cdn.example.com:8443/", forbidden),
            ("http://cdn.example.com/", redirects),
            ("http://169.254.169.254/latest/meta-data/", redirects),
            ("http://localhost/", redirects),
            ("file:///etc/passwd", redirects),
            ("ftp://cdn.example.com/", redirects),
            ("data:video/mp4,x", redirects),
            ("https://", redirects),
        ] {
            // In local mode too: a public server may not lead to this machine.
            for policy in [AddressPolicy::PublicOnly, AddressPolicy::LoopbackAllowed] {
                assert_eq!(hop(from, location, policy), Err(code), "{location}");
            }
        }
    }

    #[test]
    fn in_local_mode_a_server_of_this_machine_may_lead_to_another_one_and_out() {
        let local = |location| hop("http://127.0.0.1:8000/v.mp4", location, AddressPolicy::LoopbackAllowed);
        assert_eq!(local("http://localhost:9000/v.mp4").as_deref(), Ok("http://localhost:9000/v.mp4"));
        assert_eq!(local("https://cdn.example.com/v.mp4").as_deref(), Ok("https://cdn.example.com/v.mp4"));
        for (location, code) in [
            ("http://10.0.0.1/", "video_url_forbidden"),
            ("http://169.254.169.254/", "video_url_forbidden"),
            ("http://cdn.example.com/", "video_url_redirects"),
            ("http://user@localhost/", "video_url_forbidden"),
        ] {
            assert_eq!(local(location), Err(code), "{location}");
        }
        let secure = hop("https://localhost/", "http://localhost/", AddressPolicy::LoopbackAllowed);
        assert_eq!(secure, Err("video_url_redirects"), "never from https to http");
    }
}
