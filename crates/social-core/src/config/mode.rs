//! Where a process runs, and what it may trust there.

use url::Url;

/// Where this process runs. The program decides it, never the environment: no variable can relax the checks
/// that only local mode relaxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// On the internet: https only, public addresses only.
    Hosted,
    /// On a laptop, bound to loopback: plain http to loopback is accepted.
    Local,
}

/// Reports whether a URL's host can only be this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
