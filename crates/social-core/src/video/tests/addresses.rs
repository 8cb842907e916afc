//! Where a video may lie, and what is dialled.

use super::server::{Request, Server, partial, raw};
use crate::video::{AddressPolicy, Sources, VideoUrl};

/// No URL of these is read from, and why. Addresses in their many spellings are in `blocks`.
#[rustfmt::skip]
const REFUSED: &[(&str, &str)] = &[
    // Loopback, in every spelling a parser takes.
    ("https://127.0.0.1/v.mp4", "video_url_forbidden"),
    ("https://127.1/v.mp4", "video_url_forbidden"),
    ("https://127.0.1/", "video_url_forbidden"),
    ("https://2130706433/", "video_url_forbidden"),
    ("https://0177.0.0.1/", "video_url_forbidden"),
    ("https://017700000001/", "video_url_forbidden"),
    ("https://0x7f.1/", "video_url_forbidden"),
    ("https://0x7f000001/", "video_url_forbidden"),
    ("https://0x7F.0x0.0x0.0x1/", "video_url_forbidden"),
    ("https://127.0.0.1./", "video_url_forbidden"),
    ("https://127.0.0.1:443/", "video_url_forbidden"),
    ("https://１２７.０.０.１/", "video_url_forbidden"),
    ("https://①②⑦.⓪.⓪.①/", "video_url_forbidden"),
    ("https://127。0。0。1/", "video_url_forbidden"),
    ("https://127．0．0．1/", "video_url_forbidden"),
    ("https://127｡0｡0｡1/", "video_url_forbidden"),
    ("https://%31%32%37.0.0.1/", "video_url_forbidden"),
    ("https://127.0.0.%31/", "video_url_forbidden"),
    ("https://127.0.0.1%2e/", "video_url_forbidden"),
    ("https:127.0.0.1/", "video_url_forbidden"),
    ("https:/127.0.0.1/", "video_url_forbidden"),
    ("https:////127.0.0.1/", "video_url_forbidden"),
    ("https:\\\\127.0.0.1\\", "video_url_forbidden"),
    ("ht\ttps://127.0\n.0.1/", "video_url_forbidden"),
    (" https://127.0.0.1/ ", "video_url_forbidden"),
    ("HTTPS://127.0.0.1/", "video_url_forbidden"),
    ("https://127.0.0.1?cdn.example.com", "video_url_forbidden"),
    ("https://127.0.0.1#@cdn.example.com/", "video_url_forbidden"),
    ("https://127.0.0.1\\@cdn.example.com/", "video_url_forbidden"),
    ("https://0/", "video_url_forbidden"),
    ("https://0x0/", "video_url_forbidden"),
    ("https://0.0.0.0/", "video_url_forbidden"),
    ("https://[::1]/", "video_url_forbidden"),
    ("https://[::]/", "video_url_forbidden"),
    ("https://[0:0:0:0:0:0:0:1]/", "video_url_forbidden"),
    ("https://[0000:0000::0001]/", "video_url_forbidden"),
    ("https://[::0.0.0.1]/", "video_url_forbidden"),
    ("https://[::ffff:127.0.0.1]/", "video_url_forbidden"),
    ("https://[::ffff:7f00:1]/", "video_url_forbidden"),
    ("https://[::FFFF:7F00:0001]/", "video_url_forbidden"),
    ("https://[::127.0.0.1]/", "video_url_forbidden"),
    // Private and special networks.
    ("https://10.0.0.5/", "video_url_forbidden"),
    ("https://10.5/", "video_url_forbidden"),
    ("https://012.0.0.5/", "video_url_forbidden"),
    ("https://100.64.0.1/", "video_url_forbidden"),
    ("https://172.16.0.1/", "video_url_forbidden"),
    ("https://172.31.255.255/", "video_url_forbidden"),
    ("https://192.168.1.1/", "video_url_forbidden"),
    ("https://192.168.257/", "video_url_forbidden"),
    ("https://3232235777/", "video_url_forbidden"),
    ("https://0xc0a80101/", "video_url_forbidden"),
    ("https://198.18.0.1/", "video_url_forbidden"),
    ("https://224.0.0.1/", "video_url_forbidden"),
    ("https://255.255.255.255/", "video_url_forbidden"),
    ("https://4294967295/", "video_url_forbidden"),
    ("https://[fc00::1]/", "video_url_forbidden"),
    ("https://[fe80::1]/", "video_url_forbidden"),
    ("https://[fec0::1]/", "video_url_forbidden"),
    ("https://[ff02::1]/", "video_url_forbidden"),
    ("https://[64:ff9b::7f00:1]/", "video_url_forbidden"),
    ("https://[64:ff9b::169.254.169.254]/", "video_url_forbidden"),
    ("https://[64:ff9b:1::a00:1]/", "video_url_forbidden"),
    ("https://[2002:7f00:1::]/", "video_url_forbidden"),
    ("https://[2001:0:7f00:1::]/", "video_url_forbidden"),
    ("https://[2001:db8::1]/", "video_url_forbidden"),
    ("https://[::ffff:a9fe:a9fe]/", "video_url_forbidden"),
    // Where clouds keep their secrets: AWS (ECS, EKS too), Google, Azure, Oracle, Alibaba, DigitalOcean.
    ("https://169.254.169.254/latest/meta-data/", "video_url_forbidden"),
    ("https://2852039166/", "video_url_forbidden"),
    ("https://0xa9.0xfe.0xa9.0xfe/", "video_url_forbidden"),
    ("https://0251.0376.0251.0376/", "video_url_forbidden"),
    ("https://169.16689662/", "video_url_forbidden"),
    ("https://169.254.43518/", "video_url_forbidden"),
    ("https://169.254.170.2/v2/credentials", "video_url_forbidden"),
    ("https://169.254.170.23/v1/credentials", "video_url_forbidden"),
    ("https://[fd00:ec2::254]/", "video_url_forbidden"),
    ("https://[fd00:ec2::23]/", "video_url_forbidden"),
    ("https://[fd20:ce::254]/", "video_url_forbidden"),
    ("https://168.63.129.16/", "video_url_forbidden"),
    ("https://192.0.0.192/", "video_url_forbidden"),
    ("https://100.100.100.200/", "video_url_forbidden"),
    ("https://metadata.google.internal/", "video_url_forbidden"),
    ("https://metadata.google.internal./", "video_url_forbidden"),
    ("https://metadata。google。internal/", "video_url_forbidden"),
    ("https://METADATA.GOOGLE.INTERNAL/", "video_url_forbidden"),
    ("https://metadata/", "video_url_forbidden"),
    // Names that mean something inside a network only.
    ("https://localhost/", "video_url_forbidden"),
    ("https://LOCALHOST./", "video_url_forbidden"),
    ("https://ｌｏｃａｌｈｏｓｔ/", "video_url_forbidden"),
    ("https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "video_url_forbidden"),
    ("https://localhoſt/", "video_url_forbidden"),
    ("https://local\u{ad}host/", "video_url_forbidden"),
    ("https://%6cocalhost/", "video_url_forbidden"),
    ("https://a.localhost/", "video_url_forbidden"),
    ("https://printer.local/", "video_url_forbidden"),
    ("https://db.internal../", "video_url_forbidden"),
    ("https://wiki.intranet/", "video_url_forbidden"),
    ("https://nas.lan/", "video_url_forbidden"),
    ("https://router.home.arpa/", "video_url_forbidden"),
    ("https://1.0.0.127.in-addr.arpa/", "video_url_forbidden"),
    ("https://x.ip6.arpa/", "video_url_forbidden"),
    ("https://abc.onion/", "video_url_forbidden"),
    ("https://kubernetes.default.svc.cluster.local/", "video_url_forbidden"),
    ("https://intranet/", "video_url_forbidden"),
    ("https://postgres/", "video_url_forbidden"),
    ("https://./", "video_url_forbidden"),
    ("https://../", "video_url_forbidden"),
    // Ports.
    ("https://cdn.example.com:0/", "video_url_forbidden"),
    ("https://cdn.example.com:22/", "video_url_forbidden"),
    ("https://cdn.example.com:80/", "video_url_forbidden"),
    ("https://cdn.example.com:5432/", "video_url_forbidden"),
    ("https://cdn.example.com:8443/", "video_url_forbidden"),
    ("https://8.8.8.8:53/", "video_url_forbidden"),
    ("https://[2606:4700::1111]:8443/", "video_url_forbidden"),
    ("https://cdn.example.com:65536/", "video_url_invalid"),
    ("https://cdn.example.com:http/", "video_url_invalid"),
    // Credentials, and what looks like a host in front of another.
    ("https://user@cdn.example.com/", "video_url_forbidden"),
    ("https://user:pass@cdn.example.com/", "video_url_forbidden"),
    ("https://:pass@cdn.example.com/", "video_url_forbidden"),
    ("https://%00@cdn.example.com/", "video_url_forbidden"),
    ("https://cdn.example.com@127.0.0.1/", "video_url_forbidden"),
    ("https://cdn.example.com:443@127.0.0.1/", "video_url_forbidden"),
    ("https://cdn.example.com%2f@127.0.0.1/", "video_url_forbidden"),
    ("https://1.1.1.1 &@127.0.0.1# @8.8.8.8/", "video_url_forbidden"),
    // Schemes.
    ("http://cdn.example.com/", "video_url_not_https"),
    ("http://cdn.example.com:80/", "video_url_not_https"),
    ("http://127.0.0.1/", "video_url_forbidden"),
    ("ftp://cdn.example.com/", "video_url_not_https"),
    ("ws://cdn.example.com/", "video_url_not_https"),
    ("wss://cdn.example.com/", "video_url_not_https"),
    ("gopher://cdn.example.com/_GET", "video_url_not_https"),
    ("s3://cdn.example.com/v.mp4", "video_url_not_https"),
    ("dict://127.0.0.1:11211/stats", "video_url_not_https"),
    ("file:///etc/passwd", "video_url_invalid"),
    ("file://localhost/etc/passwd", "video_url_invalid"),
    ("data:video/mp4;base64,AAAA", "video_url_invalid"),
    ("javascript:alert(1)", "video_url_invalid"),
    ("blob:https://cdn.example.com/1", "video_url_invalid"),
    ("mailto:v@example.com", "video_url_invalid"),
    // Nonsense.
    ("/videos/1.mp4", "video_url_invalid"),
    ("//cdn.example.com/v.mp4", "video_url_invalid"),
    ("cdn.example.com/v.mp4", "video_url_invalid"),
    ("https://", "video_url_invalid"),
    ("https://?", "video_url_invalid"),
    ("https://300.1.1.1/", "video_url_invalid"),
    ("https://1.2.3.4.5/", "video_url_invalid"),
    ("https://4294967296/", "video_url_invalid"),
    ("https://0x100000000/", "video_url_invalid"),
    ("https://127.0.0.08/", "video_url_invalid"),
    ("https://[::1/", "video_url_invalid"),
    ("https://[::ffff:127.0.0.256]/", "video_url_invalid"),
    ("https://[fe80::1%25eth0]/", "video_url_invalid"),
    ("https://cdn.exa mple.com/", "video_url_invalid"),
    ("https://cdn.example.com%00.evil.example/", "video_url_invalid"),
    ("https://xn--ü.example/", "video_url_invalid"),
    ("", "video_url_invalid"),
];

#[test]
fn urls_that_lead_inside_are_refused() {
    assert!(REFUSED.len() >= 150, "{}", REFUSED.len());
    for (url, code) in REFUSED {
        let found = VideoUrl::parse(url, AddressPolicy::PublicOnly).map_err(|error| error.code());
        assert_eq!(found.err(), Some(*code), "{url}");
    }
}

#[test]
fn public_urls_pass() {
    for (url, host) in [
        ("https://cdn.example.com/v.mp4", "cdn.example.com"),
        ("https://cdn.example.com:443/v.mp4?X-Amz-Signature=abc", "cdn.example.com"),
        ("https://cdn.example.com:/v.mp4", "cdn.example.com"),
        ("https://cdn.example.com./v.mp4", "cdn.example.com."),
        ("HTTPS://CDN.EXAMPLE.COM/v.mp4", "cdn.example.com"),
        ("https://localhost.example.com/", "localhost.example.com"),
        ("https://my-local.net/", "my-local.net"),
        ("https://internal.example.com/", "internal.example.com"),
        ("https://vidéo.example/v.mp4", "xn--vido-dpa.example"),
        ("https://cdn.example.com/?u=http://127.0.0.1/", "cdn.example.com"),
        ("https://cdn.example.com/#@127.0.0.1/", "cdn.example.com"),
        ("https://cdn.example.com\\@127.0.0.1/", "cdn.example.com"),
        // What it resolves to is judged when it does.
        ("https://127.0.0.1.nip.io/v.mp4", "127.0.0.1.nip.io"),
        ("https://8.8.8.8/v.mp4", "8.8.8.8"),
        ("https://[2606:4700::1111]/v.mp4", "[2606:4700::1111]"),
        ("https://[::ffff:8.8.8.8]/v.mp4", "[::ffff:808:808]"),
    ] {
        let parsed = VideoUrl::parse(url, AddressPolicy::PublicOnly).unwrap();
        assert_eq!(url::Url::parse(parsed.expose()).unwrap().host_str(), Some(host), "{url}");
    }
}

#[test]
fn local_mode_opens_loopback_and_nothing_else() {
    let local =
        |url: &str| VideoUrl::parse(url, AddressPolicy::LoopbackAllowed).map_err(|error| error.code());
    for url in [
        "http://127.0.0.1:9000/v",
        "http://localhost:80/",
        "http://[::1]:1/",
        "https://media.localhost:8443/",
    ] {
        assert!(local(url).is_ok(), "{url}");
    }
    for url in [
        "http://10.0.0.1:80/",
        "https://192.168.0.1/",
        "https://169.254.169.254/",
        "https://cdn.example.com:81/",
    ] {
        assert_eq!(local(url).err(), Some("video_url_forbidden"), "{url}");
    }
    assert_eq!(local("http://cdn.example.com/").err(), Some("video_url_not_https"));
    assert_eq!(local("http://user@localhost/").err(), Some("video_url_forbidden"));
    assert_eq!(local("ftp://localhost/").err(), Some("video_url_not_https"));
}

#[test]
fn a_signed_url_prints_without_its_query() {
    let url =
        VideoUrl::parse("https://cdn.example.com/v.mp4?token=secret#x", AddressPolicy::PublicOnly).unwrap();
    assert_eq!(format!("{url:?}"), "VideoUrl(https://cdn.example.com/v.mp4)");
    assert_eq!(url.expose(), "https://cdn.example.com/v.mp4?token=secret");
    let row = serde_json::to_string(&url).unwrap();
    assert_eq!(serde_json::from_str::<VideoUrl>(&row).unwrap(), url);
}

#[tokio::test]
async fn a_kept_url_is_judged_again_under_todays_policy() {
    let server = Server::start(|request| partial(request, b"0123456789", "\"v1\""));
    let file = super::server::sources().open(&server.url("/v.mp4")).await.unwrap().file;
    let strict = Sources::new(AddressPolicy::PublicOnly).unwrap();
    assert_eq!(strict.read(&file, 0..4).await.unwrap_err().code(), "video_url_forbidden");
}

#[tokio::test]
async fn a_refused_url_is_not_dialled() {
    let server = Server::honest(b"0123456789");
    let strict = Sources::new(AddressPolicy::PublicOnly).unwrap();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.1",
        "１２７.０.０.１",
        "localhost",
        "a.localhost",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{}/v.mp4", server.port());
            assert_eq!(strict.open(&url).await.unwrap_err().code(), "video_url_forbidden", "{url}");
        }
    }
    let credentials = format!("http://user@127.0.0.1:{}/v.mp4", server.port());
    assert_eq!(super::server::sources().open(&credentials).await.unwrap_err().code(), "video_url_forbidden");
    assert_eq!(server.connections(), 0);
}

const REDIRECTS: [&str; 5] = [
    "301 Moved Permanently",
    "302 Found",
    "303 See Other",
    "307 Temporary Redirect",
    "308 Permanent Redirect",
];

#[tokio::test]
async fn a_redirect_is_not_followed_to_where_no_video_may_lie() {
    let inside = Server::honest(b"0123456789");
    let targets = [
        (format!("http://user@127.0.0.1:{}/", inside.port()), "video_url_forbidden"),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), "video_url_forbidden"),
        ("https://169.254.169.254/latest/meta-data/".to_owned(), "video_url_forbidden"),
        ("https://metadata.google.internal/".to_owned(), "video_url_forbidden"),
        ("http://10.0.0.1/v.mp4".to_owned(), "video_url_forbidden"),
        ("https://192.168.1.1/v.mp4".to_owned(), "video_url_forbidden"),
        ("https://cdn.example.com:8443/v.mp4".to_owned(), "video_url_forbidden"),
        ("http://cdn.example.com/v.mp4".to_owned(), "video_url_redirects"),
        ("file:///etc/passwd".to_owned(), "video_url_redirects"),
        (String::new(), "video_url_redirects"),
    ];
    for status in REDIRECTS {
        for (target, code) in &targets {
            let head = if target.is_empty() {
                format!("{status}\r\ncontent-length: 0")
            } else {
                format!("{status}\r\nlocation: {target}\r\ncontent-length: 0")
            };
            let server = Server::start(move |_| raw(&head, b""));
            let error = super::server::sources().open(&server.url("/v.mp4")).await.unwrap_err();
            assert_eq!(error.code(), *code, "{status} to {target}");
            assert_eq!(server.seen().len(), 1);
        }
    }
    assert_eq!(inside.connections(), 0);
}

/// Redirects by its path: `/3` to `/2` and so on, and `/0` is the file. Its log has the request to each hop.
fn leading(status: &'static str) -> Server {
    Server::start(move |request| {
        match request.path().trim_start_matches('/').split('?').next().unwrap().parse::<u32>() {
            Ok(left) if left > 0 => {
                raw(&format!("{status}\r\nlocation: /{}\r\ncontent-length: 0", left - 1), b"")
            }
            _ => partial(request, b"0123456789", "\"v1\""),
        }
    })
}

#[tokio::test]
async fn a_link_is_followed_over_three_hops_at_each_read_and_no_further() {
    let sources = super::server::sources();
    for status in REDIRECTS {
        let server = leading(status);
        let file = sources.open(&server.url("/3?token=secret")).await.unwrap().file;
        assert_eq!(
            file.url.expose(),
            server.url("/3?token=secret"),
            "the link that was given is what is kept"
        );
        assert!(file.redirects);
        assert_eq!(sources.read_all(&file, 2..6).await.unwrap(), &b"2345"[..]);
        let seen = server.seen();
        let paths: Vec<&str> = seen.iter().map(Request::path).collect();
        assert_eq!(paths, ["/3?token=secret", "/2", "/1", "/0", "/3?token=secret", "/2", "/1", "/0"]);
        for hop in &seen[4..] {
            assert_eq!((hop.range(), hop.header("if-match")), (Some(2..6), Some("\"v1\"")), "{status}");
            assert_eq!((hop.header("referer"), hop.header("cookie")), (None, None));
        }
        let error = sources.open(&server.url("/4")).await.unwrap_err();
        assert_eq!((error.code(), error.is_transient()), ("video_url_redirects", false));
    }
    assert!(!sources.open(&leading("302 Found").url("/0")).await.unwrap().file.redirects);
    let circle = Server::start(|_| raw("302 Found\r\nlocation: /again\r\ncontent-length: 0", b""));
    assert_eq!(sources.open(&circle.url("/again")).await.unwrap_err().code(), "video_url_redirects");
    assert_eq!(circle.seen().len(), 4);
}
