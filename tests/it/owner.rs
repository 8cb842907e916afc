//! How an account's owner connects it: popup, consent, callback.

use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use serde_json::Value;
use social_core::web::Arrival;
use social_sandbox::tiktok::Visibility;
use url::Url;

use crate::call::{answer, browser};
use crate::world::World;

impl World {
    /// Connects an account as its owner would: popup, consent, callback. Returns its id in the product.
    pub(crate) async fn connect(&self, owner: &str, handle: &str) -> String {
        let _ = self.sandbox.tiktok().create_account(handle, Visibility::Public);
        let connected = self.connect_with(owner, handle, "scope=all&decision=allow").await;
        assert!(connected.contains("social=connected"), "{connected}");
        let accounts = self.get("/social-accounts?limit=100", owner).await.1;
        let accounts = accounts["accounts"].as_array().unwrap();
        accounts.iter().find(|a| a["username"] == handle).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// Connects an account of alice that becomes private afterwards.
    pub(crate) async fn connect_private(&self, handle: &str) -> String {
        let account = self.connect("alice", handle).await;
        let _ = self.sandbox.tiktok().create_account(handle, Visibility::Private);
        account
    }

    /// Completes connect and consent with a choice, and returns the popup's redirect.
    pub(crate) async fn connect_with(&self, owner: &str, handle: &str, choice: &str) -> String {
        let (callback, cookie) = self.consent(owner, handle, choice).await;
        let landed = self.callback(&callback, &cookie).await;
        landed.headers()[header::LOCATION].to_str().unwrap().to_owned()
    }

    /// Completes connect and consent. Returns the callback's URL and the browser's cookie.
    pub(crate) async fn consent(&self, owner: &str, handle: &str, choice: &str) -> (String, String) {
        self.consent_at("/tiktok-connect", owner, handle, choice).await
    }

    /// Does the same with another query.
    pub(crate) async fn consent_at(
        &self,
        path: &str,
        owner: &str,
        handle: &str,
        choice: &str,
    ) -> (String, String) {
        self.allow_at(path, owner, format!("account={handle}&{choice}")).await
    }

    /// Does the same on any platform, with the form of its consent page.
    pub(crate) async fn allow_at(&self, path: &str, owner: &str, consent: String) -> (String, String) {
        let response = self.call(Method::GET, path, Some(owner), None).await;
        assert_eq!(response.status(), StatusCode::OK, "{:?}", response.body());
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let client = browser();
        let answered = client
            .post(body["authUrl"].as_str().unwrap())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(consent)
            .send()
            .await
            .unwrap();
        let status = answered.status();
        let Some(location) = answered.headers().get(header::LOCATION) else {
            panic!("consent answered {status}: {}", answered.text().await.unwrap())
        };
        (location.to_str().unwrap().to_owned(), cookie)
    }

    pub(crate) async fn callback(&self, url: &str, cookie: &str) -> Response<Bytes> {
        self.visit(&Method::GET, url, &[("cookie", cookie)], Arrival::default()).await
    }

    /// Sends any request to a callback.
    pub(crate) async fn visit(
        &self,
        method: &Method,
        url: &str,
        headers: &[(&str, &str)],
        arrival: Arrival,
    ) -> Response<Bytes> {
        let url = Url::parse(url).unwrap();
        let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        let mut request = http::Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::new()).unwrap();
        answer(&self.app, request, arrival).await
    }
}
