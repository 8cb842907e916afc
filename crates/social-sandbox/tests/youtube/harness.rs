//! An app that calls the simulated Google and YouTube.

use serde_json::{Value, json};
use social_sandbox::youtube;

pub(crate) use crate::stage::REDIRECT;
use crate::stage::{Query, Reply, Stage, apps, query, read, try_read};
use social_sandbox::Apps;

/// The path of the authorization endpoint.
pub(crate) const AUTHORIZE: &str = "youtube/o/oauth2/v2/auth";
/// BASE64URL(SHA-256([`VERIFIER`])).
pub(crate) const CHALLENGE: &str = "Dyzo3xhcnnZWPyXIlA9tucFYKiKwSmY6im35aPRSn_c";
pub(crate) const GRANULE: usize = 262_144;
/// Three chunks of 512 KiB and a last one of 100 000 bytes.
pub(crate) const SIZE: usize = 3 * CHUNK + 100_000;
pub(crate) const CHUNK: usize = 2 * GRANULE;

/// Returns the scopes that our app requests.
pub(crate) fn scopes() -> String {
    youtube::SCOPES[..2].join(" ")
}

pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
}

pub(crate) async fn stage() -> Stage {
    Stage::open(apps(), None).await
}

pub(crate) fn testing() -> Apps {
    let mut apps = apps();
    apps.youtube.publishing = youtube::Publishing::Testing;
    apps
}

impl Reply {
    /// Returns the status and the reason.
    pub(crate) fn refused(&self) -> (u16, String) {
        let json = self.json();
        let flat = &json["error"];
        let code = if flat.is_string() { flat } else { &json["error"]["errors"][0]["reason"] };
        (self.status, code.as_str().unwrap_or_default().to_owned())
    }

    /// Returns how many bytes have arrived, from a 308.
    pub(crate) fn stored(&self) -> usize {
        assert_eq!(self.status, 308, "{}", self.body);
        let range = self.headers.get("range").map(|range| range.strip_prefix("bytes=0-").unwrap());
        range.map_or(0, |last| last.parse::<usize>().unwrap() + 1)
    }
}

pub(crate) fn tokens(reply: &Reply) -> Tokens {
    let json = reply.json();
    let text = |name: &str| json[name].as_str().map(str::to_owned);
    Tokens { access: text("access_token").unwrap(), refresh: text("refresh_token") }
}

pub(crate) fn resource() -> Value {
    json!({
        "snippet": {
            "title": "Launch day 🚀",
            "description": "Short text",
            "tags": ["demo", "launch day"],
            "categoryId": "22",
        },
        "status": {
            "privacyStatus": "public",
            "selfDeclaredMadeForKids": false,
            "containsSyntheticMedia": true,
        },
    })
}

impl Stage {
    pub(crate) fn authorize_query() -> Query {
        query(&[
            ("client_id", "client"),
            ("response_type", "code"),
            ("scope", &scopes()),
            ("redirect_uri", REDIRECT),
            ("state", "some state/+&"),
            ("access_type", "offline"),
            ("prompt", "consent"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
    }

    /// Returns the same query without one of its parameters.
    pub(crate) fn query_without(name: &str) -> Query {
        Self::authorize_query().into_iter().filter(|(field, _)| *field != name).collect()
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Reply {
        let mut all = vec![("client_id", "client"), ("client_secret", "secret")];
        all.extend(form);
        self.form(&format!("{}/youtube/token", self.base), &all).await
    }

    pub(crate) async fn connect(&self, account: &str) -> Tokens {
        let form = [("account", account), ("scope", "all"), ("decision", "allow")];
        tokens(&self.exchange(&self.consent(&form).await["code"]).await)
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Reply {
        read(self.client.get(format!("{}/youtube/youtube/v3/{path}", self.base)).bearer_auth(token)).await
    }

    pub(crate) fn insert_request(&self, token: &str, body: &Value, size: usize) -> reqwest::RequestBuilder {
        let url = format!(
            "{}/youtube/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status",
            self.base
        );
        let request = self.client.post(url).bearer_auth(token);
        let request = request.header("content-type", "application/json; charset=UTF-8");
        let request = request.header("x-upload-content-length", size);
        request.header("x-upload-content-type", "video/mp4").body(body.to_string())
    }

    pub(crate) async fn insert(&self, token: &str, body: &Value, size: usize) -> Reply {
        read(self.insert_request(token, body, size)).await
    }

    /// Opens a session and returns its URL.
    pub(crate) async fn session(&self, token: &str, size: usize) -> String {
        let reply = self.insert(token, &resource(), size).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, ""));
        reply.headers["location"].clone()
    }

    pub(crate) fn put_request(
        &self,
        token: &str,
        url: &str,
        bytes: &[u8],
        range: &str,
    ) -> reqwest::RequestBuilder {
        let request = self.client.put(url).bearer_auth(token).header("content-type", "video/mp4");
        request.header("content-range", range).header("content-length", bytes.len()).body(bytes.to_vec())
    }

    pub(crate) async fn put(&self, token: &str, url: &str, bytes: &[u8], range: &str) -> Reply {
        self.try_put(token, url, bytes, range).await.unwrap()
    }

    pub(crate) async fn try_put(
        &self,
        token: &str,
        url: &str,
        bytes: &[u8],
        range: &str,
    ) -> Result<Reply, reqwest::Error> {
        try_read(self.put_request(token, url, bytes, range)).await
    }

    /// Sends one chunk of the video.
    pub(crate) async fn chunk(&self, token: &str, url: &str, all: &[u8], from: usize, to: usize) -> Reply {
        let range = format!("bytes {from}-{}/{}", to - 1, all.len());
        self.put(token, url, &all[from..to], &range).await
    }

    /// Queries the byte count.
    pub(crate) async fn state(&self, token: &str, url: &str, total: usize) -> Reply {
        self.put(token, url, &[], &format!("bytes */{total}")).await
    }

    /// Opens a session and sends everything in one chunk; returns the video's id.
    pub(crate) async fn publish(&self, token: &str, bytes: &[u8]) -> String {
        let url = self.session(token, bytes.len()).await;
        let reply = self.chunk(token, &url, bytes, 0, bytes.len()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    /// Returns the video, as its owner sees it.
    pub(crate) async fn video(&self, token: &str, id: &str) -> Option<Value> {
        let reply = self.get(token, &format!("videos?part=status,processingDetails&id={id}")).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["items"].as_array().unwrap().first().cloned()
    }
}
