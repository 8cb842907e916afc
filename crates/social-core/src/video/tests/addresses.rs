use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;

use super::server::{Server, partial};
use crate::video::address::is_public;
use crate::video::{AddressPolicy, Lookup, Sources, VideoUrl};

#[test]
fn urls_that_lead_inside_are_refused() {
    let table = [
        // Loopback, in every spelling a parser takes.
        ("https://127.0.0.1/v.mp4", "video_url_forbidden"),
        ("https://127.1/v.mp4", "video_url_forbidden"),
        ("https://127.0.1/", "video_url_forbidden"),
        ("https://2130706433/", "video_url_forbidden"),
        ("https://0177.0.0.1/", "video_url_forbidden"),
        ("https://017700000001/", "video_url_forbidden"),
        ("https://0x7f.1/", "video_url_forbidden"),
        ("https://0x7f000001/", "video_url_forbidden"),
        ("https://127.0.0.1./", "video_url_forbidden"),
        ("https://１２７.０.０.１/", "video_url_forbidden"),
        ("https://%31%32%37.0.0.1/", "video_url_forbidden"),
        ("https://0/", "video_url_forbidden"),
        ("https://0.0.0.0/", "video_url_forbidden"),
        ("https://[::1]/", "video_url_forbidden"),
        ("https://[::]/", "video_url_forbidden"),
        ("https://[0:0:0:0:0:0:0:1]/", "video_url_forbidden"),
        ("https://[::ffff:127.0.0.1]/", "video_url_forbidden"),
        ("https://[::ffff:7f00:1]/", "video_url_forbidden"),
        ("https://[::127.0.0.1]/", "video_url_forbidden"),
        // Private and special networks.
        ("https://10.0.0.5/", "video_url_forbidden"),
        ("https://10.5/", "video_url_forbidden"),
        ("https://100.64.0.1/", "video_url_forbidden"),
        ("https://100.100.100.200/", "video_url_forbidden"),
        ("https://172.16.0.1/", "video_url_forbidden"),
        ("https://172.31.255.255/", "video_url_forbidden"),
        ("https://192.168.1.1/", "video_url_forbidden"),
        ("https://3232235777/", "video_url_forbidden"),
        ("https://198.18.0.1/", "video_url_forbidden"),
        ("https://224.0.0.1/", "video_url_forbidden"),
        ("https://255.255.255.255/", "video_url_forbidden"),
        ("https://[fc00::1]/", "video_url_forbidden"),
        ("https://[fe80::1]/", "video_url_forbidden"),
        ("https://[fec0::1]/", "video_url_forbidden"),
        ("https://[ff02::1]/", "video_url_forbidden"),
        ("https://[64:ff9b::7f00:1]/", "video_url_forbidden"),
        ("https://[64:ff9b:1::a00:1]/", "video_url_forbidden"),
        ("https://[2002:7f00:1::]/", "video_url_forbidden"),
        ("https://[2001:0:7f00:1::]/", "video_url_forbidden"),
        ("https://[2001:db8::1]/", "video_url_forbidden"),
        ("https://[::ffff:a9fe:a9fe]/", "video_url_forbidden"),
        // Metadata services.
        ("https://169.254.169.254/latest/meta-data/", "video_url_forbidden"),
        ("https://2852039166/", "video_url_forbidden"),
        ("https://0xa9.0xfe.0xa9.0xfe/", "video_url_forbidden"),
        ("https://[fd00:ec2::254]/", "video_url_forbidden"),
        ("https://168.63.129.16/", "video_url_forbidden"),
        ("https://192.0.0.192/", "video_url_forbidden"),
        ("https://metadata.google.internal/", "video_url_forbidden"),
        ("https://metadata.google.internal./", "video_url_forbidden"),
        // Names.
        ("https://localhost/", "video_url_forbidden"),
        ("https://LOCALHOST./", "video_url_forbidden"),
        ("https://a.localhost/", "video_url_forbidden"),
        ("https://printer.local/", "video_url_forbidden"),
        ("https://db.internal../", "video_url_forbidden"),
        ("https://intranet/", "video_url_forbidden"),
        // Ports, credentials, schemes, nonsense.
        ("https://cdn.example.com:8443/", "video_url_forbidden"),
        ("https://cdn.example.com:80/", "video_url_forbidden"),
        ("https://user@cdn.example.com/", "video_url_forbidden"),
        ("https://user:pass@cdn.example.com/", "video_url_forbidden"),
        ("https://cdn.example.com@127.0.0.1/", "video_url_forbidden"),
        ("http://cdn.example.com/", "video_url_not_https"),
        ("ftp://cdn.example.com/", "video_url_not_https"),
        ("http://127.0.0.1/", "video_url_forbidden"),
        ("file:///etc/passwd", "video_url_invalid"),
        ("data:video/mp4;base64,AAAA", "video_url_invalid"),
        ("/videos/1.mp4", "video_url_invalid"),
        ("https://", "video_url_invalid"),
        ("https://300.1.1.1/", "video_url_invalid"),
        ("", "video_url_invalid"),
    ];
    assert!(table.len() >= 60);
    for (url, code) in table {
        let found = VideoUrl::parse(url, AddressPolicy::PublicOnly).map_err(|error| error.code());
        assert_eq!(found.err(), Some(code), "{url}");
    }
}

#[test]
fn public_urls_pass() {
    for url in [
        "https://cdn.example.com/v.mp4",
        "https://cdn.example.com:443/v.mp4?X-Amz-Signature=abc",
        "https://cdn.example.com./v.mp4",
        "https://localhost.example.com/",
        "https://mylocal/".replace("mylocal", "my-local.net").as_str(),
        "https://8.8.8.8/v.mp4",
        "https://[2606:4700::1111]/v.mp4",
        "https://172.32.0.1/",
        "https://11.0.0.1/",
    ] {
        assert!(VideoUrl::parse(url, AddressPolicy::PublicOnly).is_ok(), "{url}");
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
fn ranges_are_forbidden_up_to_their_edges() {
    let public = |text: &str| is_public(text.parse().unwrap());
    for text in [
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2000::",
        "2001:200::",
        "2003::",
        "3ffe::",
    ] {
        assert!(public(text), "{text}");
    }
    for text in [
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "198.19.255.255",
        "224.0.0.0",
        "2001:1ff:ffff::",
        "2002:ffff::",
        "3fff:fff::",
        "4000::",
        "1fff::",
        "::ffff:10.0.0.1",
    ] {
        assert!(!public(text), "{text}");
    }
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

/// Answers each call with the next of a list, and the last one ever after.
struct Changing(Mutex<Vec<Vec<&'static str>>>);

impl Lookup for Changing {
    fn lookup(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        Box::pin(async move { Ok(answer.into_iter().map(|text| text.parse().unwrap()).collect()) })
    }
}

fn changing(policy: AddressPolicy, answers: &[&[&'static str]]) -> Sources {
    let answers = answers.iter().map(|answer| answer.to_vec()).collect();
    Sources::with_lookup(policy, Arc::new(Changing(Mutex::new(answers)))).unwrap()
}

#[tokio::test]
async fn one_forbidden_answer_among_public_ones_is_refused() {
    for answers in [&["127.0.0.1"][..], &["8.8.8.8", "10.0.0.1"], &["::ffff:169.254.169.254"], &["fd00::1"]] {
        let sources = changing(AddressPolicy::PublicOnly, &[answers]);
        let error = sources.open("https://cdn.example.com/v.mp4?token=secret").await.unwrap_err();
        assert_eq!(error.code(), "video_url_forbidden", "{answers:?}");
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn an_answer_that_changes_after_the_first_read_is_refused() {
    let server = Server::start(|request| partial(request, b"0123456789", "\"v1\""));
    let sources = changing(AddressPolicy::LoopbackAllowed, &[&["127.0.0.1"], &["10.0.0.1"]]);
    let file = sources.open(&format!("http://media.localhost:{}/v.mp4", server.port())).await.unwrap();
    let error = sources.read(&file, 0..4).await.unwrap_err();
    assert_eq!(error.code(), "video_url_forbidden");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_kept_url_is_judged_again_under_todays_policy() {
    let server = Server::start(|request| partial(request, b"0123456789", "\"v1\""));
    let file = super::server::sources().open(&server.url("/v.mp4")).await.unwrap();
    let strict = Sources::new(AddressPolicy::PublicOnly).unwrap();
    assert_eq!(strict.read(&file, 0..4).await.unwrap_err().code(), "video_url_forbidden");
}
