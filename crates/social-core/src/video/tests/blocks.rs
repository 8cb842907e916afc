//! IANA's special-purpose address registries (IPv4 and IPv6, RFC 6890 and its updates), block by block.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::video::address::is_public;
use crate::video::{AddressPolicy, VideoUrl};

/// A block that is not read from: its first and last address, and the addresses just outside. A `+` before those says
/// that they are public, a `-` that they belong to another such block.
struct Block(&'static str, &'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const BLOCKS: &[Block] = &[
    Block("this network, RFC 791", "0.0.0.0", "0.255.255.255", "", "+1.0.0.0"),
    Block("this host, RFC 1122", "0.0.0.0", "0.0.0.0", "", "-0.0.0.1"),
    Block("private use, RFC 1918", "10.0.0.0", "10.255.255.255", "+9.255.255.255", "+11.0.0.0"),
    Block("shared address space, RFC 6598", "100.64.0.0", "100.127.255.255", "+100.63.255.255", "+100.128.0.0"),
    Block("loopback, RFC 1122", "127.0.0.0", "127.255.255.255", "+126.255.255.255", "+128.0.0.0"),
    Block("Azure's host", "168.63.129.16", "168.63.129.16", "+168.63.129.15", "+168.63.129.17"),
    Block("link local, RFC 3927", "169.254.0.0", "169.254.255.255", "+169.253.255.255", "+169.255.0.0"),
    Block("private use, RFC 1918", "172.16.0.0", "172.31.255.255", "+172.15.255.255", "+172.32.0.0"),
    Block("protocol assignments, RFC 6890", "192.0.0.0", "192.0.0.255", "+191.255.255.255", "+192.0.1.0"),
    Block("service continuity, RFC 7335", "192.0.0.0", "192.0.0.7", "+191.255.255.255", "-192.0.0.8"),
    Block("dummy address, RFC 7600", "192.0.0.8", "192.0.0.8", "-192.0.0.7", "-192.0.0.9"),
    Block("port control anycast, RFC 7723", "192.0.0.9", "192.0.0.9", "-192.0.0.8", "-192.0.0.10"),
    Block("relay anycast, RFC 8155", "192.0.0.10", "192.0.0.10", "-192.0.0.9", "-192.0.0.11"),
    Block("NAT64 discovery, RFC 7050", "192.0.0.170", "192.0.0.171", "-192.0.0.169", "-192.0.0.172"),
    Block("documentation, RFC 5737", "192.0.2.0", "192.0.2.255", "+192.0.1.255", "+192.0.3.0"),
    Block("6to4 relays, RFC 7526", "192.88.99.0", "192.88.99.255", "+192.88.98.255", "+192.88.100.0"),
    Block("private use, RFC 1918", "192.168.0.0", "192.168.255.255", "+192.167.255.255", "+192.169.0.0"),
    Block("benchmarking, RFC 2544", "198.18.0.0", "198.19.255.255", "+198.17.255.255", "+198.20.0.0"),
    Block("documentation, RFC 5737", "198.51.100.0", "198.51.100.255", "+198.51.99.255", "+198.51.101.0"),
    Block("documentation, RFC 5737", "203.0.113.0", "203.0.113.255", "+203.0.112.255", "+203.0.114.0"),
    Block("multicast, RFC 5771", "224.0.0.0", "239.255.255.255", "+223.255.255.255", "-240.0.0.0"),
    Block("reserved, RFC 1112", "240.0.0.0", "255.255.255.255", "-239.255.255.255", ""),
    Block("limited broadcast, RFC 919", "255.255.255.255", "255.255.255.255", "-255.255.255.254", ""),
    Block("unspecified, RFC 4291", "::", "::", "", "-::1"),
    Block("loopback, RFC 4291", "::1", "::1", "-::", "-::2"),
    Block("IPv4-compatible, RFC 4291", "::", "::ffff:ffff", "", "-::1:0:0"),
    Block("NAT64, RFC 6052", "64:ff9b::", "64:ff9b::ffff:ffff", "-64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", "-64:ff9b::1:0:0"),
    Block("local NAT64, RFC 8215", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "-64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "-64:ff9b:2::"),
    Block("discard only, RFC 6666", "100::", "100::ffff:ffff:ffff:ffff", "-ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "-100:0:0:1::"),
    Block("dummy prefix, RFC 9780", "100:0:0:1::", "100::1:ffff:ffff:ffff:ffff", "-100::ffff:ffff:ffff:ffff", "-100:0:0:2::"),
    Block("what is not global unicast, below", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "+2000::"),
    Block("protocol assignments, RFC 2928", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "+2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "+2001:200::"),
    Block("Teredo, RFC 4380", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "+2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "-2001:1::"),
    Block("port control anycast, RFC 7723", "2001:1::1", "2001:1::1", "-2001:1::", "-2001:1::2"),
    Block("relay anycast, RFC 8155", "2001:1::2", "2001:1::2", "-2001:1::1", "-2001:1::3"),
    Block("service registration anycast, RFC 9665", "2001:1::3", "2001:1::3", "-2001:1::2", "-2001:1::4"),
    Block("benchmarking, RFC 5180", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", "-2001:1:ffff:ffff:ffff:ffff:ffff:ffff", "-2001:2:1::"),
    Block("multicast tunnelling, RFC 7450", "2001:3::", "2001:3:ffff:ffff:ffff:ffff:ffff:ffff", "-2001:2:ffff:ffff:ffff:ffff:ffff:ffff", "-2001:4::"),
    Block("AS112, RFC 7535", "2001:4:112::", "2001:4:112:ffff:ffff:ffff:ffff:ffff", "-2001:4:111:ffff:ffff:ffff:ffff:ffff", "-2001:4:113::"),
    Block("ORCHID, RFC 4843", "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", "-2001:f:ffff:ffff:ffff:ffff:ffff:ffff", "-2001:20::"),
    Block("ORCHIDv2, RFC 7343", "2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", "-2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", "-2001:30::"),
    Block("drones, RFC 9374", "2001:30::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff", "-2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", "-2001:40::"),
    Block("documentation, RFC 3849", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "+2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "+2001:db9::"),
    Block("6to4, RFC 3056", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "+2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "+2003::"),
    Block("documentation, RFC 9637", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "+3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "+3fff:1000::"),
    Block("what is not global unicast, above", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "+3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""),
    Block("segment routing, RFC 9602", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "-5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "-5f01::"),
    Block("unique local, RFC 4193", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "-fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "-fe00::"),
    Block("link local, RFC 4291", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "-fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "-fec0::"),
    Block("site local, RFC 3879", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "-ff00::"),
    Block("multicast, RFC 4291", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "-feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""),
];

/// What the registries call globally reachable, and ordinary hosts.
const PUBLIC: &[&str] = &[
    "1.1.1.1",
    "8.8.8.8",
    "192.31.196.1",
    "192.52.193.1",
    "192.175.48.1",
    "2400:cb00::1",
    "2606:4700::1111",
    "2620:4f:8000::1",
    "2a00:1450:4001:80b::200e",
];

fn parsed(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[test]
fn each_block_is_forbidden_up_to_its_edges() {
    for Block(name, first, last, before, after) in BLOCKS {
        let (first, last) = (parsed(first), parsed(last));
        assert!(!is_public(first) && !is_public(last), "{name}");
        for (neighbour, distance) in
            [(before, number(first).wrapping_sub(1)), (after, number(last).wrapping_add(1))]
        {
            let Some((sign, address)) = neighbour.split_at_checked(1) else { continue };
            assert_eq!(number(parsed(address)), distance, "{name}: {address} is not its neighbour");
            assert_eq!(is_public(parsed(address)), sign == "+", "{name}: {address}");
        }
    }
    for address in PUBLIC {
        assert!(is_public(parsed(address)), "{address}");
    }
}

/// An IPv4 address in every way that a URL's parser takes it.
fn spellings(address: Ipv4Addr) -> Vec<String> {
    let [a, b, c, d] = address.octets();
    let (whole, tail) = (address.to_bits(), u32::from(c) << 8 | u32::from(d));
    let low = u32::from(b) << 16 | tail;
    let wide: String = address
        .to_string()
        .chars()
        .map(|c| match c {
            '.' => '。',
            digit => char::from_u32(u32::from(digit) - u32::from('0') + u32::from('０')).unwrap(),
        })
        .collect();
    vec![
        address.to_string(),
        format!("{address}."),
        whole.to_string(),
        format!("{whole:#x}"),
        format!("0{whole:o}"),
        format!("{a}.{low}"),
        format!("{a}.{b}.{tail}"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("{a:#X}.{low}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("000{a:o}.{b}.{tail:#x}"),
        format!("%{:02x}{}", address.to_string().as_bytes()[0], &address.to_string()[1..]),
        wide,
        format!("[::ffff:{address}]"),
        format!("[0:0:0:0:0:FFFF:{:x}:{:x}]", whole >> 16, whole & 0xffff),
    ]
}

/// An IPv4 address within an IPv6 one that some network or host turns back into it.
fn disguises(address: Ipv4Addr) -> Vec<Ipv6Addr> {
    let bits = u128::from(address.to_bits());
    let put = |prefix: &str, shift: u32| {
        Ipv6Addr::from_bits(prefix.parse::<Ipv6Addr>().unwrap().to_bits() | bits << shift)
    };
    vec![
        put("::", 0),
        put("::ffff:0:0:0", 0),
        put("64:ff9b::", 0),
        put("64:ff9b:1::", 0),
        put("64:ff9b:1::", 48),
        put("2002::", 80),
        put("2001::", 64),
        // Teredo keeps the client's address with its bits turned.
        Ipv6Addr::from_bits(0x2001 << 112 | (bits ^ 0xffff_ffff)),
    ]
}

fn refusal(host: &str) -> Option<&'static str> {
    VideoUrl::parse(&format!("https://{host}/v.mp4"), AddressPolicy::PublicOnly)
        .err()
        .map(|error| error.code())
}

#[test]
fn each_address_is_refused_in_every_spelling_and_disguise() {
    let mut seen = 0;
    for Block(name, first, last, ..) in BLOCKS {
        for address in [parsed(first), parsed(last)] {
            let IpAddr::V4(address) = address else {
                assert_eq!(refusal(&format!("[{address}]")), Some("video_url_forbidden"), "{name}");
                continue;
            };
            for host in spellings(address) {
                assert_eq!(refusal(&host), Some("video_url_forbidden"), "{name}: {host}");
                seen += 1;
            }
            for disguise in disguises(address) {
                assert!(!is_public(disguise.into()), "{name}: {disguise}");
                assert_eq!(
                    refusal(&format!("[{disguise}]")),
                    Some("video_url_forbidden"),
                    "{name}: {disguise}"
                );
            }
        }
    }
    assert!(seen >= 600, "{seen}");
    // A public address passes in each spelling, and in no disguise.
    let public = Ipv4Addr::new(93, 184, 215, 14);
    for host in spellings(public) {
        assert_eq!(refusal(&host), None, "{host}");
    }
    for disguise in disguises(public) {
        assert_eq!(refusal(&format!("[{disguise}]")), Some("video_url_forbidden"), "{disguise}");
    }
}
