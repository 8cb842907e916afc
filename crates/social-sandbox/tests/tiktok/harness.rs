//! An app that calls the simulated TikTok.

use serde_json::{Value, json};
use social_sandbox::tiktok;
use std::path::PathBuf;

pub(crate) use crate::stage::{
    Folder, REDIRECT, Reply, Stage, VERIFIER, encoded, read, sha256, try_read, video,
};
use crate::stage::{Query, apps, query};
use social_sandbox::Apps;

/// The path of the authorization endpoint.
pub(crate) const AUTHORIZE: &str = "tiktok/v2/auth/authorize/";
pub(crate) const CHALLENGE: &str = "0f2ce8df185c9e76563f25c8940f6db9c1582a22b04a663a8a6df968f4529ff7";
/// Six chunks: five of 10 000 000 bytes and a larger last one.
pub(crate) const SIZE: usize = 64_000_001;

pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) open_id: String,
    pub(crate) scope: String,
}

impl Reply {
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

pub(crate) fn app() -> tiktok::App {
    apps().tiktok
}

pub(crate) async fn stage() -> Stage {
    stage_with(app(), None).await
}

pub(crate) async fn stage_with(app: tiktok::App, storage: Option<PathBuf>) -> Stage {
    Stage::open(Apps { tiktok: app, ..apps() }, storage).await
}

impl Stage {
    pub(crate) fn authorize_query() -> Query {
        let scopes = tiktok::SCOPES.join(",");
        query(&[
            ("client_key", "key"),
            ("response_type", "code"),
            ("scope", &scopes),
            ("redirect_uri", REDIRECT),
            ("state", "some state/+&"),
            ("disable_auto_auth", "1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Reply {
        let mut all = vec![("client_key", "key"), ("client_secret", "secret")];
        all.extend(form);
        self.form(&format!("{}/tiktok/v2/oauth/token/", self.base), &all).await
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

    /// Runs init and upload in one chunk; returns the publish id.
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
