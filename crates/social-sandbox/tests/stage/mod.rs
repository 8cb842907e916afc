//! A sandbox on a port of its own and its client, shared by the tests of all platforms.

use crate::harness::{self, AUTHORIZE};
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore, crypto};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use social_sandbox::{Apps, Registration, Sandbox, Settings, meta, serve};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

pub(crate) const REDIRECT: &str = "http://127.0.0.1:8888/.netlify/functions/callback";
pub(crate) const VERIFIER: &str = "aZ0-._~bY1-._~cX2-._~dW3-._~eV4-._~fU5-._~gT6-._~hS";

/// The parameters of an authorization request, which a test may change.
pub(crate) type Query = Vec<(&'static str, String)>;

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) base: String,
    pub(crate) client: reqwest::Client,
    server: JoinHandle<()>,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Returns our app, as registered with each platform.
pub(crate) fn apps() -> Apps {
    let of_meta = vec![
        "https://app.example.com/callback".to_owned(),
        "https://app.example.com/callback?from=facebook".to_owned(),
    ];
    let mut apps = Apps::registered(|platform| Registration {
        client_id: if platform == "tiktok" { "key".into() } else { "client".into() },
        client_secret: "secret".into(),
        redirect_uris: vec![REDIRECT.to_owned(), "https://app.example.com/callback".to_owned()],
        webhook_url: None,
        verified_url_prefixes: vec!["https://media.example.com/".into()],
    });
    for app in [&mut apps.instagram, &mut apps.facebook] {
        app.id = "990602627938098".into();
        app.redirect_uris.clone_from(&of_meta);
        app.proof = meta::Proof::Optional;
    }
    apps
}

impl Stage {
    pub(crate) async fn open(apps: Apps, storage: Option<PathBuf>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/sandbox", listener.local_addr().unwrap());
        let base_url = Url::parse(&base).unwrap();
        let sandbox = Sandbox::open(Settings { base_url, storage, apps }).unwrap();
        let router = axum::Router::new().nest("/sandbox", sandbox.router());
        let server = tokio::spawn(serve(listener, router, std::future::pending()));
        Self { sandbox, base, client: client(), server }
    }

    pub(crate) async fn form(&self, url: &str, form: &[(&str, &str)]) -> Reply {
        let request = self.client.post(url).header("content-type", "application/x-www-form-urlencoded");
        read(request.body(encoded(form))).await
    }

    pub(crate) fn authorize_url(&self, query: &[(&'static str, String)]) -> String {
        format!("{}/{AUTHORIZE}?{}", self.base, joined(query))
    }

    /// Allows or refuses what the app requests. Returns the parameters of the callback.
    pub(crate) async fn consent(&self, form: &[(&str, &str)]) -> HashMap<String, String> {
        self.consent_to(&Self::authorize_query(), form).await
    }

    /// Does the same with another authorization request.
    pub(crate) async fn consent_to(
        &self,
        query: &[(&'static str, String)],
        form: &[(&str, &str)],
    ) -> HashMap<String, String> {
        self.callback(&self.authorize_url(query), harness::REDIRECT, form).await
    }

    /// Sends the form of a consent page. Returns the parameters of the callback at this redirect URI.
    pub(crate) async fn callback(
        &self,
        url: &str,
        redirect: &str,
        form: &[(&str, &str)],
    ) -> HashMap<String, String> {
        let reply = self.form(url, form).await;
        assert_eq!(reply.status, 302, "{}", reply.body);
        let url = Url::parse(&reply.headers["location"]).unwrap();
        assert!(url.as_str().starts_with(redirect));
        url.query_pairs().into_owned().collect()
    }
}

pub(crate) fn query(pairs: &[(&'static str, &str)]) -> Query {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// Returns a query as it stands in a URL.
pub(crate) fn joined(query: &[(&'static str, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish()
}

pub(crate) fn client() -> reqwest::Client {
    let tls = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).redirect(Policy::none());
    client.retry(reqwest::retry::never()).no_proxy().build().unwrap()
}

pub(crate) async fn read(request: reqwest::RequestBuilder) -> Reply {
    try_read(request).await.unwrap()
}

pub(crate) async fn try_read(request: reqwest::RequestBuilder) -> Result<Reply, reqwest::Error> {
    let response = request.send().await?;
    let headers = response.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    Ok(Reply { status: response.status().as_u16(), headers, body: response.text().await? })
}

pub(crate) fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub(crate) fn video(size: usize) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x20ftypisom".to_vec();
    bytes.extend((bytes.len()..size).map(|at| u8::try_from(at % 251).unwrap()));
    bytes.truncate(size);
    bytes
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect()
}

fn digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap()
}

/// Returns a new connection on which a PUT's headers were sent.
pub(crate) async fn open_put(url: &str, headers: &[(&str, String)]) -> TcpStream {
    let url = Url::parse(url).unwrap();
    let address = url.socket_addrs(|| None).unwrap()[0];
    let mut head = format!("PUT {}?{} HTTP/1.1\r\nHost: {address}\r\n", url.path(), url.query().unwrap());
    for (name, value) in headers {
        head.extend([name, ": ", value.as_str(), "\r\n"]);
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).await.unwrap();
    stream
}

/// Returns the whole response on such a connection.
pub(crate) async fn hear_out(mut stream: TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

/// Sends a PUT's headers and the start of its body, then closes the connection.
pub(crate) async fn cut_off(url: &str, headers: &[(&str, String)], sent: &[u8]) {
    let mut stream = open_put(url, headers).await;
    stream.write_all(sent).await.unwrap();
    stream.shutdown().await.unwrap();
    hear_out(stream).await;
}

/// A folder of its own, removed at the end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sandbox-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
