//! What the tests of Instagram and Facebook share: the conventions of the Graph API.

use crate::stage::{Reply, Stage, read, try_read};
use serde_json::Value;

impl Reply {
    /// Returns the body of a success.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.json()
    }

    /// Returns code and subcode of an error.
    pub(crate) fn refused(&self) -> (i64, Option<i64>) {
        let error = &self.json()["error"];
        assert!(error["fbtrace_id"].is_string() && error["type"] == "OAuthException", "{}", self.body);
        (error["code"].as_i64().unwrap(), error["error_subcode"].as_i64())
    }
}

impl Stage {
    pub(crate) async fn get(&self, token: &str, path: &str) -> Reply {
        read(self.client.get(self.url(path)).bearer_auth(token)).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: Value) -> Reply {
        self.try_post(token, path, body).await.unwrap()
    }

    pub(crate) async fn try_post(
        &self,
        token: &str,
        path: &str,
        body: Value,
    ) -> Result<Reply, reqwest::Error> {
        let request = self.client.post(self.url(path)).bearer_auth(token);
        try_read(request.header("content-type", "application/json").body(body.to_string())).await
    }

    /// Sends the bytes from `offset` on to the upload host.
    pub(crate) async fn upload(&self, url: &str, token: &str, bytes: &[u8], offset: usize) -> Reply {
        let request = self.client.post(url).header("authorization", format!("OAuth {token}"));
        let request = request.header("offset", offset).header("file_size", bytes.len());
        read(request.body(bytes[offset..].to_vec())).await
    }
}
