//! What the program counts, read through the recorder of `/metrics`.

use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use social_sandbox::{Fault, FaultKind};

use crate::source::video;
use crate::world::{World, public};

const EXPIRED: &str = "update social_accounts set token_expires_at = social_now() - interval '1 minute'";

#[tokio::test]
async fn refreshes_are_counted_by_outcome_and_unreadable_videos_by_code() {
    let recorder = PrometheusBuilder::new().build_recorder();
    // This test's thread does all the work.
    let _counting = metrics::set_default_local_recorder(&recorder);
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(200_000));
    world.execute(EXPIRED).await;
    world.sandbox.fail(Fault::tiktok("token_refresh", FaultKind::Html { status: 502 }).times(1));
    world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    world.publish("alice", &account, &format!("{url}.gone"), public()).await;
    world.run_to_the_end().await;
    assert!(world.sandbox.tiktok().expire_refresh_tokens("demokitchen"));
    world.execute(EXPIRED).await;
    world.publish("alice", &account, &url, public()).await;
    // A minute later, because TikTok's spacing delays the next start.
    world.advance(Duration::from_mins(1)).await;
    world.work().await;
    let shown = recorder.handle().render();
    for line in [
        "social_token_refreshes_total{platform=\"tiktok\",outcome=\"failed\"} 1",
        "social_token_refreshes_total{platform=\"tiktok\",outcome=\"ok\"} 1",
        "social_token_refreshes_total{platform=\"tiktok\",outcome=\"grant_ended\"} 1",
        "social_source_failures_total{code=\"video_not_found\"} 1",
        "social_results_total{platform=\"tiktok\",state=\"published\"} 1",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} in {shown}");
    }
}

#[tokio::test]
async fn held_results_are_counted_by_reason() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(200_000));
    for (reason, count) in [("needs_reconnect", 1), ("rate_limit", 2), ("quota", 3)] {
        for _ in 0..count {
            world.publish("alice", &account, &url, public()).await;
        }
        let hold = format!(
            "update post_results set state = 'held', held_reason = '{reason}' where state = 'queued'"
        );
        world.execute(&hold).await;
    }
    let found = world.app.publisher.flow.store.diagnose().await.unwrap();
    assert_eq!((found.needs_reconnect, found.held_by_rate_limit, found.held_by_quota), (1, 2, 3));
}
