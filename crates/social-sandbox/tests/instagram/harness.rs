//! An app that calls the simulated Instagram.

pub(crate) use crate::stage::{Folder, Reply, Stage, encoded, read, sha256, video};
use crate::stage::{Query, apps, query};
use axum::Router;
use axum::routing::get;
use serde_json::json;
use social_sandbox::Apps;
use social_sandbox::{instagram, meta};
use std::path::PathBuf;
use tokio::net::TcpListener;

/// The path of the authorization endpoint.
pub(crate) const AUTHORIZE: &str = "instagram/oauth/authorize";
pub(crate) const REDIRECT: &str = "https://app.example.com/callback";

pub(crate) fn app() -> meta::App {
    apps().instagram
}

pub(crate) async fn stage() -> Stage {
    stage_with(app(), None).await
}

pub(crate) async fn stage_with(app: meta::App, storage: Option<PathBuf>) -> Stage {
    Stage::open(Apps { instagram: app, ..apps() }, storage).await
}

impl Stage {
    pub(crate) fn authorize_query() -> Query {
        query(&[
            ("client_id", "990602627938098"),
            ("response_type", "code"),
            ("scope", &instagram::SCOPES.join(",")),
            ("redirect_uri", REDIRECT),
            ("state", "some state/+&"),
            ("force_reauth", "true"),
        ])
    }

    pub(crate) async fn exchange(&self, code: &str) -> Reply {
        let form = [
            ("client_id", "990602627938098"),
            ("client_secret", "secret"),
            ("grant_type", "authorization_code"),
            ("redirect_uri", REDIRECT),
            ("code", code),
        ];
        self.form(&format!("{}/instagram/oauth/access_token", self.base), &form).await
    }

    pub(crate) async fn extend(&self, token: &str) -> Reply {
        let query =
            [("grant_type", "ig_exchange_token"), ("client_secret", "secret"), ("access_token", token)];
        read(self.client.get(format!("{}/instagram/access_token?{}", self.base, encoded(&query)))).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Reply {
        let query = encoded(&[("grant_type", "ig_refresh_token"), ("access_token", token)]);
        read(self.client.get(format!("{}/instagram/refresh_access_token?{query}", self.base))).await
    }

    /// Returns the account's id and its long-lived token.
    pub(crate) async fn connect(&self, account: &str) -> (String, String) {
        let form = [("account", account), ("scope", "all"), ("decision", "allow")];
        let code = self.consent(&form).await["code"].clone();
        let short = self.exchange(&code).await.ok();
        let long = self.extend(short["access_token"].as_str().unwrap()).await.ok();
        (short["user_id"].to_string(), long["access_token"].as_str().unwrap().to_owned())
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/instagram/v25.0/{path}", self.base)
    }

    pub(crate) async fn status(&self, token: &str, container: &str) -> String {
        let reply = self.get(token, &format!("{container}?fields=status_code,status")).await.ok();
        reply["status_code"].as_str().unwrap().to_owned()
    }

    /// Checks until the status is no longer `IN_PROGRESS`.
    pub(crate) async fn settled(&self, token: &str, container: &str) -> String {
        for _ in 0..20 {
            let status = self.status(token, container).await;
            if status != "IN_PROGRESS" {
                return status;
            }
        }
        panic!("the container never got anywhere");
    }

    pub(crate) async fn publish(&self, token: &str, id: &str, container: &str) -> Reply {
        self.post(token, &format!("{id}/media_publish"), json!({ "creation_id": container })).await
    }

    /// Returns a container whose bytes were sent.
    pub(crate) async fn filled(&self, token: &str, id: &str, bytes: &[u8]) -> String {
        let body = json!({ "media_type": "REELS", "upload_type": "resumable", "caption": "Hello #world" });
        let made = self.post(token, &format!("{id}/media"), body).await.ok();
        let reply = self.upload(made["uri"].as_str().unwrap(), token, bytes, 0).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        made["id"].as_str().unwrap().to_owned()
    }
}

/// Serves a video under `/video.mp4` and a page under `/page.html`; returns the URL of their folder.
pub(crate) async fn media(size: usize) -> String {
    let router = Router::new()
        .route("/video.mp4", get(move || async move { video(size) }))
        .route("/page.html", get(|| async { "<html>log in</html>" }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await });
    base
}
