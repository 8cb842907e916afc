//! A sandbox on a port of its own, and an app that talks to it.

use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore, crypto};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use social_sandbox::{Sandbox, Settings, serve, tiktok};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

pub(crate) const REDIRECT: &str = "http://127.0.0.1:8888/.netlify/functions/tiktok-callback";
pub(crate) const VERIFIER: &str = "aZ0-._~bY1-._~cX2-._~dW3-._~eV4-._~fU5-._~gT6-._~hS";
pub(crate) const CHALLENGE: &str = "0f2ce8df185c9e76563f25c8940f6db9c1582a22b04a663a8a6df968f4529ff7";
/// Six chunks: five of 10 000 000 bytes and a larger last one.
pub(crate) const SIZE: usize = 64_000_001;

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

pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) open_id: String,
    pub(crate) scope: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub(crate) fn data(&self) -> Value {
        let json = self.json();
        assert_eq!((self.status, &json["error"]["code"]), (200, &json!("ok")), "{}", self.body);
        json["data"].clone()
    }

    pub(crate) fn refused(&self) -> (u16, String) {
        let json = self.json();
        let code = if json["error"].is_string() { &json["error"] } else { &json["error"]["code"] };
        (self.status, code.as_str().unwrap_or_default().to_owned())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(crate) fn app() -> tiktok::App {
    tiktok::App {
        client_key: "key".into(),
        client_secret: "secret".into(),
        redirect_uris: vec![REDIRECT.into(), "https://app.example.com/callback".into()],
        scopes: tiktok::SCOPES.map(str::to_owned).into(),
        webhook_url: None,
        verified_url_prefixes: vec!["https://media.example.com/".into()],
        audited: true,
    }
}

pub(crate) async fn stage() -> Stage {
    stage_with(app(), None).await
}

pub(crate) async fn stage_with(app: tiktok::App, storage: Option<PathBuf>) -> Stage {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/sandbox", listener.local_addr().unwrap());
    let base_url = Url::parse(&base).unwrap();
    let sandbox = Sandbox::open(Settings { base_url, storage, tiktok: app }).unwrap();
    let router = axum::Router::new().nest("/sandbox", sandbox.router());
    let server = tokio::spawn(serve(listener, router, std::future::pending()));
    Stage { sandbox, base, client: client(), server }
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

impl Stage {
    pub(crate) fn authorize_query() -> Vec<(&'static str, String)> {
        let scopes = tiktok::SCOPES.join(",");
        [
            ("client_key", "key"),
            ("response_type", "code"),
            ("scope", &scopes),
            ("redirect_uri", REDIRECT),
            ("state", "some state/+&"),
            ("disable_auto_auth", "1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into()
    }

    pub(crate) fn authorize_url(&self, query: &[(&'static str, String)]) -> String {
        let pairs: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        format!("{}/tiktok/v2/auth/authorize/?{}", self.base, encoded(&pairs))
    }

    /// The parameters the callback gets.
    pub(crate) async fn consent(&self, form: &[(&str, &str)]) -> HashMap<String, String> {
        let reply = self.form(&self.authorize_url(&Self::authorize_query()), form).await;
        assert_eq!(reply.status, 302, "{}", reply.body);
        let url = Url::parse(&reply.headers["location"]).unwrap();
        assert!(url.as_str().starts_with(REDIRECT));
        url.query_pairs().into_owned().collect()
    }

    pub(crate) async fn form(&self, url: &str, form: &[(&str, &str)]) -> Reply {
        let request = self.client.post(url).header("content-type", "application/x-www-form-urlencoded");
        read(request.body(encoded(form))).await
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Reply {
        let mut all = vec![("client_key", "key"), ("client_secret", "secret")];
        all.extend(form);
        self.form(&format!("{}/tiktok/v2/oauth/token/", self.base), &all).await
    }

    pub(crate) async fn exchange(&self, code: &str) -> Reply {
        let grant = ("grant_type", "authorization_code");
        self.token(&[grant, ("code", code), ("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)]).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Reply {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub(crate) async fn connect(&self, account: &str, scope: &str) -> Tokens {
        let mut form = vec![("account", account), ("decision", "allow")];
        form.extend(scope.split(',').map(|scope| ("scope", scope)));
        let callback = self.consent(&form).await;
        tokens(&self.exchange(&callback["code"]).await)
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: &Value) -> Reply {
        self.try_post(token, path, body).await.unwrap()
    }

    pub(crate) async fn try_post(
        &self,
        token: &str,
        path: &str,
        body: &Value,
    ) -> Result<Reply, reqwest::Error> {
        let request = self.client.post(format!("{}/tiktok/v2/{path}", self.base)).bearer_auth(token);
        let request = request.header("content-type", "application/json; charset=UTF-8");
        try_read(request.body(body.to_string())).await
    }

    pub(crate) async fn user_info(&self, token: &str, fields: &str) -> Reply {
        let url = format!("{}/tiktok/v2/user/info/?fields={fields}", self.base);
        read(self.client.get(url).bearer_auth(token)).await
    }

    pub(crate) async fn creator_info(&self, token: &str) -> Reply {
        self.post(token, "post/publish/creator_info/query/", &json!({})).await
    }

    pub(crate) async fn init(&self, token: &str, body: &Value) -> Reply {
        self.post(token, "post/publish/video/init/", body).await
    }

    pub(crate) async fn status(&self, token: &str, publish_id: &str) -> Reply {
        self.post(token, "post/publish/status/fetch/", &json!({ "publish_id": publish_id })).await
    }

    pub(crate) async fn put(
        &self,
        url: &str,
        bytes: &[u8],
        first: usize,
        last: usize,
        total: usize,
    ) -> Reply {
        self.try_put(url, bytes, first, last, total).await.unwrap()
    }

    pub(crate) async fn try_put(
        &self,
        url: &str,
        bytes: &[u8],
        first: usize,
        last: usize,
        total: usize,
    ) -> Result<Reply, reqwest::Error> {
        let request = self.client.put(url).header("content-type", "video/mp4");
        let request = request.header("content-range", format!("bytes {first}-{last}/{total}"));
        try_read(request.body(bytes.to_vec())).await
    }

    /// Init and upload in one chunk; answers the publish id.
    pub(crate) async fn publish(&self, token: &str, bytes: &[u8], privacy: &str) -> String {
        let data = self.init(token, &direct(privacy, file(bytes.len()))).await.data();
        let reply =
            self.put(data["upload_url"].as_str().unwrap(), bytes, 0, bytes.len() - 1, bytes.len()).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        data["publish_id"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn tokens(reply: &Reply) -> Tokens {
    let json = reply.json();
    let text = |name: &str| json[name].as_str().unwrap_or_else(|| panic!("{}", reply.body)).to_owned();
    Tokens {
        access: text("access_token"),
        refresh: text("refresh_token"),
        open_id: text("open_id"),
        scope: text("scope"),
    }
}

pub(crate) fn direct(privacy: &str, source: Value) -> Value {
    json!({
        "post_info": {
            "title": "Five minute noodles 🍜 #cooking",
            "privacy_level": privacy,
            "disable_duet": true,
            "disable_stitch": true,
            "disable_comment": false,
            "brand_content_toggle": false,
            "brand_organic_toggle": false,
            "is_aigc": true,
        },
        "source_info": source,
    })
}

pub(crate) fn file(size: usize) -> Value {
    if size <= 64_000_000 {
        return json!({ "source": "FILE_UPLOAD", "video_size": size, "chunk_size": size, "total_chunk_count": 1 });
    }
    let count = size / 10_000_000;
    json!({ "source": "FILE_UPLOAD", "video_size": size, "chunk_size": 10_000_000, "total_chunk_count": count })
}
