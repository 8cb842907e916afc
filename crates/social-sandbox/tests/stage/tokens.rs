//! What the tests of TikTok and YouTube share: a token endpoint as in RFC 6749, with PKCE.

use crate::harness::stage;
use crate::stage::{REDIRECT, Reply, Stage, VERIFIER};
use std::time::Duration;

impl Stage {
    pub(crate) async fn exchange(&self, code: &str) -> Reply {
        let grant = ("grant_type", "authorization_code");
        self.token(&[grant, ("code", code), ("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)]).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Reply {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }
}

#[tokio::test]
async fn a_code_works_once_and_not_for_long() {
    let stage = stage().await;
    let form = [("account", "demokitchen"), ("scope", "all"), ("decision", "allow")];
    let code = stage.consent(&form).await["code"].clone();
    assert_eq!(stage.exchange(&code).await.status, 200);
    assert_eq!(stage.exchange(&code).await.refused(), (400, "invalid_grant".into()));

    let code = stage.consent(&form).await["code"].clone();
    stage.sandbox.advance_clock(Duration::from_secs(601));
    assert_eq!(stage.exchange(&code).await.refused(), (400, "invalid_grant".into()));
}
