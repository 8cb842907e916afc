//! Any header and body as a webhook of TikTok: without our client's signature it is refused, and with it only what a row
//! can hold is kept.
//!
//! The first byte chooses whether the body is signed, and when. Unsigned, the first line of the rest is the header.
#![no_main]

use std::sync::LazyLock;

use social_core::clock::{Clock as _, SystemClock};
use social_core::config::Config;
use social_core::model::PublishEvent;
use social_core::platform::tiktok::FACTS as TIKTOK;
use social_core::platform::tiktok::webhook::{Refusal, receive};
use social_fuzz::product::{CLIENT_SECRET, settings};
use social_fuzz::signature::hmac;

static SETTINGS: LazyLock<Config> =
    LazyLock::new(|| settings("postgres://nobody@127.0.0.1:1/none", "http://127.0.0.1:1"));

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&manner, rest)) = input.split_first() else { return };
    let settings = &SETTINGS.platforms[TIKTOK.id.as_str()];
    let now = SystemClock.now();
    if manner % 2 == 0 {
        let mut lines = rest.splitn(2, |&byte| byte == b'\n');
        let (header, body) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let Ok(header) = str::from_utf8(header) else { return };
        assert_eq!(receive(header, body, settings, now), Err(Refusal::Forged));
        return;
    }
    // Up to 12 minutes ago.
    let age = i64::from(manner / 2) * 6;
    let signed_at = now.timestamp() - age;
    let signature = hmac(CLIENT_SECRET, &[signed_at.to_string().as_bytes(), b".", rest].concat());
    let signature: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    let Ok(delivery) = receive(&format!("t={signed_at},s={signature}"), rest, settings, now) else { return };
    assert!(age <= 300, "it is too old");
    let mut texts = vec![delivery.name];
    texts.extend(delivery.open_id);
    match delivery.event {
        PublishEvent::Complete { publish_id }
        | PublishEvent::Failed { publish_id }
        | PublishEvent::InboxDelivered { publish_id }
        | PublishEvent::NoLongerPublic { publish_id } => texts.push(publish_id),
        PublishEvent::PubliclyAvailable { publish_id, post_id } => texts.extend([publish_id, post_id]),
        PublishEvent::AuthorizationRemoved | PublishEvent::Other => {}
    }
    assert!(texts.iter().all(|text| text.len() <= 512), "{texts:?}");
});
