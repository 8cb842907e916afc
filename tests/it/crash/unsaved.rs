//! A worker is killed before each of its saves.

use std::time::Duration;

use super::halt::Halt;
use super::{about_to_publish, ended_well};
use crate::stand_in::{self, StandIn, Way};

/// Kills the worker after it has read the response and before it saves it: the save waits for a lock that the
/// test holds.
///
/// A worker with one slot saves with its next claim.
async fn dies_unsaved(saves: i64, slots: &'static str, stand_in: &dyn StandIn, way: &Way) -> bool {
    let length = if slots == "1" { 300_000 } else { 25_000_000 };
    let (mut world, post, bytes) = about_to_publish(stand_in, way, length).await;
    world.set("WORKER_CONCURRENCY", slots);
    // So many log rows come through; the next one waits.
    let condition = format!("(select count(*) from publish_attempts) >= {saves}");
    let died = Halt::at(&world, "insert", "publish_attempts", &condition).await.kill_worker().await;
    world.advance(Duration::from_secs(151)).await;
    world.run_to_the_end().await;
    let what = format!("{} save {saves} of {slots}, {}", stand_in.platform(), way.options);
    ended_well(&world, stand_in, way, &post, &bytes, &what).await;
    died
}

#[tokio::test]
async fn a_worker_killed_before_any_save_loses_and_doubles_nothing() {
    for stand_in in stand_in::all() {
        for way in stand_in.ways() {
            for slots in ["8", "1"] {
                let mut saves = 0;
                while dies_unsaved(saves, slots, stand_in, &way).await {
                    saves += 1;
                }
                assert!(saves > 2, "{} had nothing to save", stand_in.platform());
            }
        }
    }
}
