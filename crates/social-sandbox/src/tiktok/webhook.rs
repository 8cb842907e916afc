//! Webhooks: signed, sent to the app, retried a few times.

use super::notice::Notice;
use crate::clock::wall;
use crate::receiver::hex;
use crate::sandbox::Sandbox;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

/// The pauses before the second and later attempts.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_secs(2), Duration::from_secs(10)];
/// How long the app may take to respond.
const PATIENCE: Duration = Duration::from_secs(10);
/// The age of a stale signature.
const STALE_SECONDS: i64 = 3_600;

/// The signature of a webhook.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Signature {
    #[default]
    Valid,
    Wrong,
    Stale,
    Missing,
}

/// Sends the events, each on its own, if the app has a webhook URL and a runtime is running.
pub(crate) fn announce(sandbox: &Sandbox, notices: Vec<Notice>) {
    for notice in notices {
        post(sandbox, &notice, Signature::Valid);
    }
}

/// Sends one event, signed as requested.
pub(super) fn post(sandbox: &Sandbox, notice: &Notice, signature: Signature) {
    let app = &sandbox.settings().apps.tiktok;
    let (Some(url), Ok(runtime)) = (app.webhook_url.clone(), tokio::runtime::Handle::try_current()) else {
        return;
    };
    // The wall clock, not the sandbox's: the receiver uses the wall clock.
    let now = wall().div_euclid(1_000);
    let mut body = json!({
        "client_key": app.client_key,
        "event": notice.event,
        "create_time": now,
        "content": notice.content.to_string(),
    });
    if let (Value::Object(fields), Some(open_id)) = (&mut body, &notice.open_id) {
        fields.insert("user_openid".into(), open_id.as_str().into());
    }
    let body = body.to_string();
    let header = match signature {
        Signature::Valid => Some(signed(&app.client_secret, now, &body)),
        Signature::Wrong => Some(signed("not the secret", now, &body)),
        Signature::Stale => Some(signed(&app.client_secret, now - STALE_SECONDS, &body)),
        Signature::Missing => None,
    };
    let client = sandbox.client().clone();
    runtime.spawn(async move {
        for pause in PAUSES.into_iter().map(Some).chain([None]) {
            let mut request = client.post(url.clone()).timeout(PATIENCE);
            request = request.header("content-type", "application/json").body(body.clone());
            if let Some(header) = &header {
                request = request.header("tiktok-signature", header);
            }
            match request.send().await {
                Ok(response) if response.status() == reqwest::StatusCode::OK => return,
                Ok(response) => tracing::debug!(status = response.status().as_u16(), "webhook refused"),
                Err(error) => tracing::debug!(error = %error.without_url(), "webhook not delivered"),
            }
            let Some(pause) = pause else { return };
            tokio::time::sleep(pause).await;
        }
    });
}

/// Returns `t=…,s=…` over the time, a dot and the body.
pub(super) fn signed(secret: &str, time: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{time}.{body}").as_bytes());
    format!("t={time},s={}", hex(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::signed;

    #[test]
    fn a_signature_covers_time_and_body() {
        let body = r#"{"client_key":"ck_demo_0001","event":"authorization.removed","create_time":1760000000,"user_openid":"-000demoOpenIdAAAA","content":"{\"reason\":1}"}"#;
        let expected = "t=1760000005,s=7c425c3619e1f9110dc4ac7c2c50d88baef7e31a227c14cb546675d87a031ede";
        assert_eq!(signed("cs_demo_secret_0001", 1_760_000_005, body), expected);
    }
}
