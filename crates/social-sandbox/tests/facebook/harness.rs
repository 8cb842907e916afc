//! An app that calls the simulated Facebook.

pub(crate) use crate::stage::{Folder, Reply, Stage, encoded, read, sha256, video};
use crate::stage::{Query, apps, query};
use serde_json::{Value, json};
use social_sandbox::Apps;
use social_sandbox::{facebook, meta};
use std::path::PathBuf;

/// The path of the authorization endpoint.
pub(crate) const AUTHORIZE: &str = "facebook/v25.0/dialog/oauth";
pub(crate) const REDIRECT: &str = "https://app.example.com/callback?from=facebook";

pub(crate) fn app() -> meta::App {
    apps().facebook
}

pub(crate) async fn stage() -> Stage {
    stage_with(app(), None).await
}

pub(crate) async fn stage_with(app: meta::App, storage: Option<PathBuf>) -> Stage {
    Stage::open(Apps { facebook: app, ..apps() }, storage).await
}

/// A Page and its token.
pub(crate) struct Page {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Stage {
    pub(crate) fn authorize_query() -> Query {
        query(&[
            ("client_id", "990602627938098"),
            ("scope", &facebook::SCOPES.join(",")),
            ("redirect_uri", REDIRECT),
            ("state", "some state/+&"),
            ("auth_type", "rerequest"),
        ])
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/facebook/v25.0/{path}", self.base)
    }

    pub(crate) async fn exchange(&self, code: &str) -> Reply {
        let form = [
            ("client_id", "990602627938098"),
            ("client_secret", "secret"),
            ("redirect_uri", REDIRECT),
            ("code", code),
        ];
        self.form(&self.url("oauth/access_token"), &form).await
    }

    pub(crate) async fn extend(&self, token: &str) -> Reply {
        let form = [
            ("grant_type", "fb_exchange_token"),
            ("client_id", "990602627938098"),
            ("client_secret", "secret"),
            ("fb_exchange_token", token),
        ];
        self.form(&self.url("oauth/access_token"), &form).await
    }

    /// Returns a short-lived user token, and the long-lived one made from it.
    pub(crate) async fn user(&self, form: &[(&str, &str)]) -> (String, String) {
        let code = self.consent(form).await["code"].clone();
        let short = self.exchange(&code).await.ok()["access_token"].as_str().unwrap().to_owned();
        let long = self.extend(&short).await.ok()["access_token"].as_str().unwrap().to_owned();
        (short, long)
    }

    /// Returns the person's first Page.
    pub(crate) async fn connect(&self, person: &str) -> Page {
        let form = [("account", person), ("scope", "all"), ("page", "all"), ("decision", "allow")];
        let (_, long) = self.user(&form).await;
        let pages = self.get(&long, "me/accounts?fields=id,access_token").await.ok();
        let text = |name: &str| pages["data"][0][name].as_str().unwrap().to_owned();
        Page { id: text("id"), token: text("access_token") }
    }

    pub(crate) async fn start(&self, page: &Page) -> (String, String) {
        let path = format!("{}/video_reels", page.id);
        let made = self.post(&page.token, &path, json!({ "upload_phase": "start" })).await.ok();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (text("video_id"), text("upload_url"))
    }

    /// Returns a Reel whose bytes were sent.
    pub(crate) async fn filled(&self, page: &Page, bytes: &[u8]) -> String {
        let (id, url) = self.start(page).await;
        assert_eq!(self.upload(&url, &page.token, bytes, 0).await.ok(), json!({ "success": true }));
        id
    }

    pub(crate) async fn finish(&self, page: &Page, video: &str) -> Reply {
        self.post(&page.token, &format!("{}/video_reels", page.id), finish(video)).await
    }

    pub(crate) async fn status(&self, page: &Page, video: &str) -> Value {
        self.get(&page.token, &format!("{video}?fields=status")).await.ok()["status"].clone()
    }
}

pub(crate) fn finish(video: &str) -> Value {
    json!({ "upload_phase": "finish", "video_id": video, "video_state": "PUBLISHED", "title": "Fresh bread",
        "description": "Fresh bread #bakery", "is_ai_generated": true })
}
