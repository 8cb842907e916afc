//! What holds for every row of `post_results`, for every writer.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;

use crate::source::video;
use crate::world::{World, public};

/// Each rule, with a change of a queued result that breaks it and no rule before it.
const BROKEN: &[(&str, &str)] = &[
    ("owner_is_named", "owner_id = ''"),
    ("state_is_known", "state = 'lost'"),
    ("queued_has_not_begun", "step = 'init', checkpoint = 'x'"),
    ("under_way_has_a_step", "state = 'publishing'"),
    ("under_way_is_due", "due_at = null"),
    ("over_is_not_due", "state = 'failed', error_code = 'odd'"),
    ("failed_has_a_code", "state = 'in_doubt', due_at = null"),
    ("published_has_a_time", "state = 'published'"),
    ("published_has_a_time", "published_at = now()"),
    ("held_has_a_reason", "state = 'held'"),
    ("held_has_a_reason", "held_reason = 'quota'"),
    ("reason_is_known", "state = 'held', held_reason = 'mood'"),
    ("step_has_its_checkpoint", "state = 'publishing', step = 'init'"),
    ("in_flight_is_leased", "in_flight = true"),
    ("recallable_is_committed", "recallable = true"),
    ("failures_count", "failures = -1"),
];

#[tokio::test]
async fn a_row_that_breaks_a_rule_is_refused_and_the_error_names_the_rule() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(200_000));
    world.publish("alice", &account, &url, public()).await;
    for (rule, change) in BROKEN {
        let statement = AssertSqlSafe(format!("update post_results set {change}"));
        let refused = sqlx::query(statement).execute(&world.db).await.unwrap_err();
        let error = refused.as_database_error().unwrap();
        assert_eq!(error.constraint(), Some(*rule), "{change}: {error}");
        assert!(error.is_check_violation(), "{change}: {error}");
    }
    world.execute("update post_results set failures = 1").await;
    let named = include_str!("../../sql/result_is_sound.sql").matches(" then '").count();
    let rules: BTreeSet<_> = BROKEN.iter().map(|(rule, _)| rule).collect();
    assert_eq!(rules.len(), named, "a rule that no change here breaks");
}

#[tokio::test]
async fn what_is_published_stays_published_for_every_writer() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(200_000));
    world.publish("alice", &account, &url, public()).await;
    let final_state = "update post_results set state = 'published', due_at = null, published_at = now()";
    world.execute(final_state).await;
    for change in [
        "state = 'queued', due_at = now(), published_at = null",
        "state = 'failed', error_code = 'odd', published_at = null",
        "state = 'cancelled', published_at = null",
    ] {
        let statement = AssertSqlSafe(format!("update post_results set {change}"));
        let refused = sqlx::query(statement).execute(&world.db).await.unwrap_err();
        let error = refused.as_database_error().unwrap();
        assert!(error.is_check_violation(), "{change}: {error}");
        assert!(error.message().ends_with("is published and stays so"), "{change}: {error}");
    }
    // Its link may be found later.
    world.execute("update post_results set platform_url = 'https://videos.example.com/1'").await;
    world.execute(final_state).await;
}
