//! A worker is killed before each of its saves.

use std::time::Duration;

use super::{WAITING, ended_well, spawn_worker};
use crate::stand_in::{self, StandIn, Way};
use crate::world::{Setting, World};

/// Kills the worker after it has read the response and before it saves it: the save waits for a lock that the
/// test holds.
async fn dies_unsaved(saves: i64, stand_in: &dyn StandIn, way: &Way) -> bool {
    let world = World::with(Setting { pull: way.is_pull, ..Setting::default() }).await;
    stand_in.without_limits(&world.sandbox);
    let account = world.connect_on(stand_in, "alice", "demokitchen").await;
    let bytes = (way.video)(25_000_000);
    let url = world.videos.put("v.mp4", bytes.clone());
    let post = world.publish_on(stand_in, "alice", &account, &url, &way.options).await;
    // The trigger lets this many log rows through; the next one waits for an advisory lock that we hold.
    world
        .execute(&format!(
            "create function wait_here() returns trigger language plpgsql as $$ begin
                if (select count(*) from publish_attempts) >= {saves} then perform pg_advisory_xact_lock(7); end if;
                return new;
            end $$"
        ))
        .await;
    world.execute("create trigger wait_here before insert on publish_attempts for each row execute function wait_here()").await;
    let mut holder = world.db.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(7)").execute(&mut *holder).await.unwrap();
    let mut died = false;
    for _ in 0..12 {
        let mut worker = spawn_worker(world.another_app());
        let stuck = async {
            while world.scalar(WAITING).await == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = stuck => {
                worker.abort();
                let _ = worker.await;
                died = true;
                break;
            }
            done = &mut worker => done.unwrap(),
        }
        world.advance(Duration::from_secs(61)).await;
    }
    world.execute("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())").await;
    drop(holder);
    world.execute("drop trigger wait_here on publish_attempts").await;
    world.advance(Duration::from_secs(151)).await;
    world.run_to_the_end().await;
    let what = format!("{} save {saves}, {}", stand_in.platform(), way.options);
    ended_well(&world, stand_in, way, &post, &bytes, &what).await;
    died
}

#[tokio::test]
async fn a_worker_killed_before_any_save_loses_and_doubles_nothing() {
    for stand_in in stand_in::all() {
        for way in stand_in.ways() {
            let mut saves = 0;
            while dies_unsaved(saves, stand_in, &way).await {
                saves += 1;
            }
            assert!(saves > 2, "{} had nothing to save", stand_in.platform());
        }
    }
}
