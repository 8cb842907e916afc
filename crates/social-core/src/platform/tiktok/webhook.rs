//! TikTok's webhooks: verifies the signature and decodes the event (TikTok for Developers, "Webhooks").

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use super::checkpoint::Step;
use super::facts::{TikTok, WWW};
use crate::clock::Timestamp;
use crate::config::PlatformSettings;
use crate::http::lenient;
use crate::model::{Checkpoint, PublishEvent};
use crate::platform::{members, steps};

/// Five minutes: the maximum age of a signature.
const TOLERANCE: u64 = 300;

/// 512 bytes: the names of TikTok's events are far shorter. Its ids have a limit of their own, see [`members::id`].
const LONGEST: usize = 512;

/// Explains why a delivery is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not signed with our client's secret, or not for our client: the response is 401.
    #[error("not signed for this client")]
    Forged,
    /// Signed correctly, but too old or too new. TikTok does not document whether its retries get a new
    /// signature. So the response is 200, and status checks find the outcome.
    #[error("it was signed more than five minutes ago or ahead")]
    Stale,
    /// Signed correctly but not readable, or not storable: the response is 200, because resending would not help.
    #[error("not readable")]
    Unreadable,
}

/// A verified and decoded delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The account it is about, by its `open_id`.
    pub open_id: Option<String>,
    /// The event's name, for the log.
    pub name: String,
    /// The event.
    pub event: PublishEvent,
    /// When TikTok created it, by its own clock.
    pub created_at: Timestamp,
}

#[derive(Debug, Deserialize)]
struct Envelope {
    client_key: String,
    event: String,
    #[serde(default, deserialize_with = "members::number")]
    create_time: Option<i64>,
    #[serde(default, deserialize_with = "members::id")]
    user_openid: Option<String>,
    /// JSON inside a string.
    #[serde(default)]
    content: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    #[serde(deserialize_with = "members::id")]
    publish_id: Option<String>,
    #[serde(deserialize_with = "members::id")]
    post_id: Option<String>,
}

/// Verifies the raw body with the `TikTok-Signature` header, and decodes it.
///
/// # Errors
/// See [`Refusal`].
pub fn receive(
    signature: &str,
    body: &[u8],
    settings: &PlatformSettings,
    now: Timestamp,
) -> Result<Delivery, Refusal> {
    let signed_at = verify(signature, body, settings).ok_or(Refusal::Forged)?;
    let envelope: Envelope = lenient::read(body).map_err(|_| Refusal::Unreadable)?;
    if envelope.client_key != settings.client_id {
        return Err(Refusal::Forged);
    }
    if now.timestamp().abs_diff(signed_at) > TOLERANCE {
        return Err(Refusal::Stale);
    }
    let content = match envelope.content {
        Value::String(text) => lenient::read(text.as_bytes()),
        content => lenient::from_value(content),
    };
    let content: Content = content.unwrap_or_default();
    if envelope.event.len() > LONGEST {
        return Err(Refusal::Unreadable);
    }
    let event = match (envelope.event.as_str(), content.publish_id, content.post_id) {
        ("authorization.removed", ..) => PublishEvent::AuthorizationRemoved,
        ("post.publish.complete", Some(publish_id), _) => PublishEvent::Complete { publish_id },
        ("post.publish.failed", Some(publish_id), _) => PublishEvent::Failed { publish_id },
        ("post.publish.inbox_delivered", Some(publish_id), _) => PublishEvent::InboxDelivered { publish_id },
        ("post.publish.publicly_available", Some(publish_id), Some(post_id)) => {
            PublishEvent::PubliclyAvailable { publish_id, post_id }
        }
        // TikTok's page misspells the event; integrators have seen it spelled correctly.
        (
            "post.publish.no_longer_publicaly_available" | "post.publish.no_longer_publicly_available",
            Some(publish_id),
            _,
        ) => PublishEvent::NoLongerPublic { publish_id },
        _ => PublishEvent::Other,
    };
    // Without a readable time, it is as old as its signature.
    let time = |seconds| Timestamp::from_timestamp(seconds, 0);
    let created_at = envelope.create_time.and_then(time).or_else(|| time(signed_at));
    let created_at = created_at.ok_or(Refusal::Unreadable)?;
    Ok(Delivery { open_id: envelope.user_openid, name: envelope.event, event, created_at })
}

/// Returns the time of signing, if the signature is valid: `t=<unix seconds>,s=<hex HMAC-SHA256 of
/// "t.body">`.
fn verify(signature: &str, body: &[u8], settings: &PlatformSettings) -> Option<i64> {
    let field = |name: &str| {
        signature
            .split(',')
            .find_map(|part| part.trim().split_once('=').filter(|(key, _)| *key == name))
            .map(|(_, value)| value)
    };
    let (signed_at, given) = (field("t")?, unhex(field("s")?)?);
    let mut mac = Hmac::<Sha256>::new_from_slice(settings.client_secret.expose().as_bytes()).ok()?;
    mac.update(signed_at.as_bytes());
    mac.update(b".");
    mac.update(body);
    // Compares in constant time.
    mac.verify_slice(&given).ok()?;
    signed_at.parse().ok()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

/// Returns the URL of a post that a webhook has named.
#[must_use]
pub fn link(handle: &str, post_id: &str, settings: &PlatformSettings) -> String {
    settings.url(WWW, &format!("/@{handle}/video/{post_id}")).to_string()
}

/// Returns the step that queries the link of an announced post. It only reads, whatever step came next, and
/// keeps the data of that step's task.
#[must_use]
pub fn look(next: Option<&Checkpoint>, publish_id: &str, handle: Option<&str>) -> Checkpoint {
    let next = next.and_then(|next| steps::read::<TikTok>(next).ok());
    let known = match next {
        Some(
            Step::Upload { task, .. }
            | Step::Check { task, .. }
            | Step::Poll { task, .. }
            | Step::Recall { task, .. }
            | Step::Find { task, .. },
        ) => task.handle,
        Some(Step::Init { handle, .. }) => handle,
        Some(Step::Creator { .. }) | None => None,
    };
    steps::write(&TikTok, &Step::find(publish_id.to_owned(), known.or_else(|| handle.map(str::to_owned))))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::platform::tiktok::tests::settings_of;

    const BODY: &[u8] = br#"{"client_key":"ck_demo_0001","event":"authorization.removed","create_time":1760000000,"user_openid":"-000demoOpenIdAAAA","content":"{\"reason\":1}"}"#;
    const SIGNATURE: &str = "t=1760000005,s=7c425c3619e1f9110dc4ac7c2c50d88baef7e31a227c14cb546675d87a031ede";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn the_documented_vector_verifies() {
        let settings = settings_of("ck_demo_0001", "cs_demo_secret_0001");
        let delivery = receive(SIGNATURE, BODY, &settings, at(1_760_000_100)).unwrap();
        assert_eq!(delivery.event, PublishEvent::AuthorizationRemoved);
        assert_eq!(delivery.open_id.as_deref(), Some("-000demoOpenIdAAAA"));
    }

    #[test]
    fn a_changed_byte_another_secret_or_another_client_is_forged() {
        let settings = settings_of("ck_demo_0001", "cs_demo_secret_0001");
        let now = at(1_760_000_100);
        let mut changed = BODY.to_vec();
        changed[20] ^= 1;
        assert_eq!(receive(SIGNATURE, &changed, &settings, now), Err(Refusal::Forged));
        let other = settings_of("ck_demo_0001", "cs_other");
        assert_eq!(receive(SIGNATURE, BODY, &other, now), Err(Refusal::Forged));
        let other = settings_of("ck_other", "cs_demo_secret_0001");
        assert_eq!(receive(SIGNATURE, BODY, &other, now), Err(Refusal::Forged));
        for header in ["", "t=1", "s=00", "t=1,s=zz", "t=1760000005,s=7c"] {
            assert_eq!(receive(header, BODY, &settings, now), Err(Refusal::Forged), "{header}");
        }
    }

    fn sign(signed_at: &str, body: &[u8], settings: &PlatformSettings) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(settings.client_secret.expose().as_bytes()).unwrap();
        mac.update(format!("{signed_at}.").as_bytes());
        mac.update(body);
        let mut header = format!("t={signed_at},s=");
        for byte in mac.finalize().into_bytes() {
            write!(header, "{byte:02x}").unwrap();
        }
        header
    }

    #[test]
    fn a_signed_delivery_that_cannot_be_stored_is_set_aside() {
        let settings = settings_of("ck_demo_0001", "cs_demo_secret_0001");
        let now = at(1_760_000_100);
        let long = "x".repeat(LONGEST + 1);
        let deliver = |event: &str, user: &str, publish: &str| {
            let body = format!(
                r#"{{"client_key":"ck_demo_0001","event":"{event}","user_openid":"{user}","content":{{"publish_id":"{publish}"}}}}"#
            );
            receive(&sign("1760000005", body.as_bytes(), &settings), body.as_bytes(), &settings, now)
        };
        let complete = "post.publish.complete";
        assert!(matches!(deliver(complete, "u", "p").unwrap().event, PublishEvent::Complete { .. }));
        assert_eq!(deliver(&long, "u", "p"), Err(Refusal::Unreadable));
        // An id that is too long is none.
        assert_eq!(deliver(complete, "u", &long).unwrap().event, PublishEvent::Other);
        assert_eq!(deliver(complete, &long, "p").unwrap().open_id, None);
        for signed_at in [i64::MIN, i64::MAX] {
            let signature = sign(&signed_at.to_string(), BODY, &settings);
            assert_eq!(receive(&signature, BODY, &settings, now), Err(Refusal::Stale), "{signed_at}");
        }
    }

    #[test]
    fn an_old_signature_is_stale() {
        let settings = settings_of("ck_demo_0001", "cs_demo_secret_0001");
        assert_eq!(receive(SIGNATURE, BODY, &settings, at(1_760_000_306)), Err(Refusal::Stale));
        assert!(receive(SIGNATURE, BODY, &settings, at(1_760_000_305)).is_ok());
    }
}
