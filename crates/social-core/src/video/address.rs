//! Which URLs a video may be read from: the rules that keep a user's URL away from our own network.
//!
//! A URL is judged after parsing, never as text, because `http://2130706433/` and `0x7f.1` are loopback too.
//! Names are judged twice: as they stand, and by every address they resolve to. The connection is then made to
//! exactly the addresses that were judged, so a DNS response that changes afterwards has no effect.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::source_error::{Refusal, SourceError};
use crate::config::Mode;

/// Which addresses a video may be read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressPolicy {
    /// `https` on port 443 of hosts on the public internet.
    PublicOnly,
    /// The same, and loopback hosts with any scheme and port: for local mode and tests only.
    LoopbackAllowed,
}

impl AddressPolicy {
    /// The policy of a mode.
    #[must_use]
    pub fn of(mode: Mode) -> Self {
        match mode {
            Mode::Hosted => Self::PublicOnly,
            Mode::Local => Self::LoopbackAllowed,
        }
    }
}

/// Turns a host name into addresses. Tests replace it to change the result between calls.
pub trait Lookup: Send + Sync + 'static {
    /// Resolves a name to all its addresses.
    fn lookup(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// Queries the operating system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(
            async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|found| found.ip()).collect()) },
        )
    }
}

/// The resolver of the media client: returns addresses only if every one of them is allowed.
pub(super) struct CheckedLookup {
    pub(super) policy: AddressPolicy,
    pub(super) lookup: Arc<dyn Lookup>,
}

impl Resolve for CheckedLookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, name) = (self.policy, name.as_str().to_owned());
        let answers = self.lookup.lookup(name.clone());
        Box::pin(async move {
            let answers = answers.await?;
            // One forbidden address among public ones is an attack or a mistake: no connection is made.
            if !answers.iter().all(|&answer| admits(policy, &name, answer)) {
                return Err(Refusal::Address.into());
            }
            let addresses: Addrs = Box::new(answers.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}

fn admits(policy: AddressPolicy, name: &str, address: IpAddr) -> bool {
    if policy == AddressPolicy::LoopbackAllowed && is_loopback_name(name) {
        return address.to_canonical().is_loopback();
    }
    is_public(address)
}

/// Checks a parsed URL. Names must also pass the resolver when a connection is made.
pub(crate) fn check(url: &Url, policy: AddressPolicy) -> Result<(), SourceError> {
    let host = url.host().ok_or(SourceError::UrlInvalid)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::Credentials.into());
    }
    if policy == AddressPolicy::LoopbackAllowed && is_loopback(&host) {
        return if matches!(url.scheme(), "http" | "https") { Ok(()) } else { Err(SourceError::UrlNotHttps) };
    }
    let verdict = match host {
        Host::Domain(name) if is_public_name(name) => Ok(()),
        Host::Domain(_) => Err(Refusal::HostName),
        Host::Ipv4(address) if is_public(address.into()) => Ok(()),
        Host::Ipv6(address) if is_public(address.into()) => Ok(()),
        Host::Ipv4(_) | Host::Ipv6(_) => Err(Refusal::Address),
    };
    verdict?;
    if url.scheme() != "https" {
        return Err(SourceError::UrlNotHttps);
    }
    // The parser drops the scheme's own port, so `:443` is no port here.
    if url.port().is_some() {
        return Err(Refusal::Port.into());
    }
    Ok(())
}

/// Whether a URL leads to this machine.
pub(super) fn is_here(url: &Url) -> bool {
    url.host().is_some_and(|host| is_loopback(&host))
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_loopback_name(name),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => IpAddr::from(*address).to_canonical().is_loopback(),
    }
}

fn is_loopback_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Names that only mean something inside a network (RFC 6761, RFC 6762, RFC 8375, cloud metadata).
const PRIVATE_SUFFIXES: &[&str] =
    &["localhost", "local", "internal", "intranet", "lan", "home.arpa", "in-addr.arpa", "ip6.arpa", "onion"];

fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    // A name of one label is looked up in the machine's own search domains.
    name.contains('.')
        && !PRIVATE_SUFFIXES.iter().any(|suffix| {
            name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
}

/// IPv4 ranges that are not public, from IANA's special-purpose registry, and one public metadata address.
const FORBIDDEN_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32), // Azure's host: outside every private range
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// IPv6 is judged the other way round: only global unicast, `2000::/3`, is public, less these parts of it.
const FORBIDDEN_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo among them
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: an IPv4 address in disguise
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !FORBIDDEN_V4.iter().any(|&(net, bits)| {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            address.to_bits() & mask == net.to_bits()
        }),
        IpAddr::V6(address) => {
            within_v6(address, GLOBAL_V6) && !FORBIDDEN_V6.iter().any(|&net| within_v6(address, net))
        }
    }
}

fn within_v6(address: Ipv6Addr, (net, bits): (Ipv6Addr, u32)) -> bool {
    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
    address.to_bits() & mask == net.to_bits()
}
