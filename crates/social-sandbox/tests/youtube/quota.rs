//! The daily quotas of the project and of the channel.

use social_sandbox::youtube::Limits;
use std::time::Duration;

use crate::harness::{resource, stage, tokens};
use serde_json::json;

#[tokio::test]
async fn sessions_and_reads_have_buckets_of_their_own() {
    let stage = stage().await;
    let limits = Limits { inserts_per_day: 2, units_per_day: 3, ..Limits::default() };
    stage.sandbox.youtube().set_limits(limits);
    let token = stage.connect("demostudio").await;
    let spent = (403, "quotaExceeded".to_owned());
    let mut bad = resource();
    bad["snippet"]["title"] = json!("");
    assert_eq!(stage.insert(&token.access, &bad, 100).await.refused().1, "invalidTitle", "it costs, too");
    stage.session(&token.access, 100).await;
    let other = stage.connect("quietgarden").await;
    assert_eq!(stage.insert(&other.access, &resource(), 100).await.refused(), spent, "for the whole project");
    for _ in 0..3 {
        assert_eq!(stage.get(&token.access, "channels?part=id&mine=true").await.status, 200);
    }
    assert_eq!(stage.get(&token.access, "channels?part=id&mine=true").await.refused(), spent);
    // Whatever the time of day, 25 hours later it is another day.
    stage.sandbox.advance_clock(Duration::from_hours(25));
    let access = tokens(&stage.refresh(&token.refresh.unwrap()).await).access;
    assert_eq!(stage.get(&access, "channels?part=id&mine=true").await.status, 200);
    stage.session(&access, 100).await;
}

#[tokio::test]
async fn a_channel_has_a_cap_of_its_own() {
    let stage = stage().await;
    stage.sandbox.youtube().set_limits(Limits { uploads_per_day: 1, ..Limits::default() });
    let token = stage.connect("demostudio").await;
    stage.session(&token.access, 100).await;
    let full = (400, "uploadLimitExceeded".to_owned());
    assert_eq!(stage.insert(&token.access, &resource(), 100).await.refused(), full);
    let other = stage.connect("demoshorts").await.access;
    stage.session(&other, 100).await;
    stage.sandbox.advance_clock(Duration::from_hours(24));
    let access = tokens(&stage.refresh(&token.refresh.unwrap()).await).access;
    stage.session(&access, 100).await;
}
