//! Names are judged by what they resolve to, and nothing else is dialled.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;

use super::server::{Server, kept_alive, partial, raw};
use crate::video::{AddressPolicy, Lookup, Sources};

/// Returns the next result of a list at each lookup, then the last one for ever, and counts the lookups.
#[derive(Clone)]
struct Changing(Arc<Mutex<(usize, Answers)>>);

type Answers = Vec<Vec<&'static str>>;

impl Lookup for Changing {
    fn lookup(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let mut asked = self.0.lock().unwrap();
        let answer = asked.1[asked.0.min(asked.1.len() - 1)].clone();
        asked.0 += 1;
        Box::pin(async move { Ok(answer.into_iter().map(|text| text.parse().unwrap()).collect()) })
    }
}

impl Changing {
    fn new(answers: &[&[&'static str]]) -> Self {
        Self(Arc::new(Mutex::new((0, answers.iter().map(|answer| answer.to_vec()).collect()))))
    }

    fn sources(&self, policy: AddressPolicy) -> Sources {
        Sources::with_lookup(policy, Arc::new(self.clone())).unwrap()
    }

    fn asked(&self) -> usize {
        self.0.lock().unwrap().0
    }
}

#[tokio::test]
async fn one_forbidden_answer_among_public_ones_is_refused() {
    for answers in [
        &["127.0.0.1"][..],
        &["8.8.8.8", "10.0.0.1"],
        &["10.0.0.1", "8.8.8.8"],
        &["8.8.8.8", "1.1.1.1", "::1"],
        &["2606:4700::1111", "169.254.169.254"],
        &["::ffff:169.254.169.254"],
        &["::ffff:10.0.0.1", "2606:4700::1111"],
        &["64:ff9b::a00:1"],
        &["2002:a00:1::"],
        &["fd00::1"],
        &["0.0.0.0"],
        &["255.255.255.255"],
    ] {
        let sources = Changing::new(&[answers]).sources(AddressPolicy::PublicOnly);
        let error = sources.open("https://cdn.example.com/v.mp4?token=secret").await.unwrap_err();
        assert_eq!(error.code(), "video_url_forbidden", "{answers:?}");
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn in_local_mode_too_only_names_of_this_machine_may_be_it() {
    // A public name that resolves to loopback is an attack in local mode as anywhere.
    let sources = Changing::new(&[&["127.0.0.1"]]).sources(AddressPolicy::LoopbackAllowed);
    assert_eq!(sources.open("https://cdn.example.com/").await.unwrap_err().code(), "video_url_forbidden");
    let server = Server::honest(b"0123456789");
    let url = format!("http://media.localhost:{}/v.mp4", server.port());
    for answers in [&["10.0.0.1"][..], &["127.0.0.1", "10.0.0.1"], &["127.0.0.1", "8.8.8.8"], &["0.0.0.0"]] {
        let sources = Changing::new(&[answers]).sources(AddressPolicy::LoopbackAllowed);
        assert_eq!(sources.open(&url).await.unwrap_err().code(), "video_url_forbidden", "{answers:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn an_answer_that_changes_after_the_first_read_is_refused() {
    let server = Server::start(|request| partial(request, b"0123456789", "\"v1\""));
    let names = Changing::new(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let sources = names.sources(AddressPolicy::LoopbackAllowed);
    let file = sources.open(&format!("http://media.localhost:{}/v.mp4", server.port())).await.unwrap().file;
    let error = sources.read(&file, 0..4).await.unwrap_err();
    assert_eq!(error.code(), "video_url_forbidden");
    assert_eq!((server.seen().len(), server.connections(), names.asked()), (1, 1, 2));
}

#[tokio::test]
async fn what_was_judged_is_what_is_dialled_without_asking_again() {
    let server = Server::start(|request| kept_alive(request, b"0123456789"));
    // A second lookup between the check and the connection would return another address.
    let names = Changing::new(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let sources = names.sources(AddressPolicy::LoopbackAllowed);
    let file = sources.open(&format!("http://media.localhost:{}/v.mp4", server.port())).await.unwrap().file;
    for _ in 0..3 {
        assert_eq!(sources.read_all(&file, 0..4).await.unwrap(), &b"0123"[..]);
    }
    assert_eq!((server.connections(), names.asked()), (1, 1));
}

#[tokio::test]
async fn a_name_without_an_address_is_unreachable() {
    let sources = Changing::new(&[&[]]).sources(AddressPolicy::PublicOnly);
    let error = sources.open("https://cdn.example.com/v.mp4").await.unwrap_err();
    assert_eq!((error.code(), error.is_transient()), ("video_unreachable", true));
}

#[tokio::test]
async fn a_redirect_to_a_name_that_resolves_to_a_private_address_is_refused() {
    let inside = Server::honest(b"0123456789");
    let of_this_machine = format!("http://files.localhost:{}/v.mp4", inside.port());
    let public = "https://cdn.example.com/v.mp4";
    for (target, answers) in [
        (of_this_machine.as_str(), &["10.0.0.1"][..]),
        (&of_this_machine, &["127.0.0.1", "10.0.0.1"]),
        (public, &["10.0.0.1"]),
        (public, &["8.8.8.8", "192.168.1.1"]),
        (public, &["127.0.0.1"]),
        (public, &["169.254.169.254"]),
        (public, &["::ffff:10.0.0.1"]),
    ] {
        let head = format!("302 Found\r\nlocation: {target}\r\ncontent-length: 0");
        let server = Server::start(move |_| raw(&head, b""));
        let names = Changing::new(&[&["127.0.0.1"], answers]);
        let sources = names.sources(AddressPolicy::LoopbackAllowed);
        let error =
            sources.open(&format!("http://media.localhost:{}/v.mp4", server.port())).await.unwrap_err();
        assert_eq!(
            (error.code(), error.is_transient()),
            ("video_url_forbidden", false),
            "{target} {answers:?}"
        );
        assert_eq!((server.seen().len(), names.asked()), (1, 2), "{target} {answers:?}");
    }
    assert_eq!(inside.connections(), 0);
}
