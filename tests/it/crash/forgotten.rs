//! Postgres crashes and forgets a claim, whose commit waits for no disk. Its worker does not know.

use sqlx::AssertSqlSafe;

use super::{about_to_publish, ended_well, stuck_worker};
use crate::stand_in::{self, StandIn, Way};
use crate::wire::Freeze;
use crate::world::World;

/// Keeps each claimed row as it was before, until the row is written again. That write waits for the disk, and takes the
/// claim along.
const REMEMBER: [&str; 3] = [
    "create table before_claim as table post_results with no data",
    "create function remember() returns trigger language plpgsql security definer as $$ begin
        delete from before_claim b where b.id = new.id;
        if new.lease_token is not null and new.lease_token is distinct from old.lease_token then
            insert into before_claim values (old.*);
        end if;
        return null;
    end $$",
    "create trigger remember after update on post_results for each row execute function remember()",
];

/// What a restarted Postgres has.
const FORGET: &str = "with forgotten as (
        update post_results r
        set lease_token = b.lease_token, due_at = b.due_at, failures = b.failures, slot_at = b.slot_at
        from before_claim b where b.id = r.id
        returning r.id
    )
    select count(*) from forgotten";

/// Forgets the claim of a worker whose `nth` call is in flight, and lets another worker go on. Then the call or its response
/// arrives. Returns whether there was an `nth` call, and whether its claim could be forgotten.
async fn is_forgotten_at(nth: usize, how: Freeze, stand_in: &dyn StandIn, way: &Way) -> Option<bool> {
    let (world, post, bytes) = about_to_publish(stand_in, way, 1_000_000).await;
    for statement in REMEMBER {
        world.execute(statement).await;
    }
    world.wire.freeze(nth, how);
    let stuck = stuck_worker(&world, async || world.wire.frozen().await).await;
    world.wire.thaw();
    let mut forgotten = None;
    if let Some((_, worker)) = stuck {
        forgotten = Some(world.scalar(FORGET).await == 1);
        world.work().await;
        world.wire.let_go();
        worker.await.unwrap();
    }
    world.run_to_the_end().await;
    let what = format!("{} forgotten at {nth} {how:?}, {}", stand_in.platform(), way.options);
    ended_well(&world, stand_in, way, &post, &bytes, &what).await;
    forgotten
}

#[tokio::test]
async fn a_claim_that_postgres_forgets_at_any_call_loses_and_doubles_nothing() {
    for stand_in in stand_in::all() {
        let ways = stand_in.ways();
        let pull = ways.iter().find(|way| way.is_pull);
        for way in ways.first().into_iter().chain(pull) {
            for how in [Freeze::BeforeTheCall, Freeze::AfterTheCall] {
                let (mut nth, mut forgotten) = (1, 0);
                while let Some(is_forgotten) = is_forgotten_at(nth, how, stand_in, way).await {
                    nth += 1;
                    forgotten += usize::from(is_forgotten);
                }
                assert!(nth > 2, "{} made no calls", stand_in.platform());
                assert!(forgotten > 0, "no claim of {} could be forgotten", stand_in.platform());
            }
        }
    }
}

/// What the commit of a call waits for, in the call's own transaction.
async fn commit_after(world: &World, call: &str) -> String {
    let mut tx = world.db.begin().await.unwrap();
    sqlx::query("set local synchronous_commit = on").execute(&mut *tx).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("select from {call}"))).execute(&mut *tx).await.unwrap();
    sqlx::query_scalar("show synchronous_commit").fetch_one(&mut *tx).await.unwrap()
}

#[tokio::test]
async fn a_claim_waits_for_the_disk_if_it_saves_and_so_do_a_mark_and_a_save() {
    let world = World::new().await;
    let claim = "queues => '{tiktok}', pause => null, again => false, most => 1, platforms => '{tiktok}', rooms => '{1}',
        spacings => '{11}', per_account => 1, accounts => '{}', in_hand => '{}', handed => null,
        token => gen_random_uuid(), lease_seconds => 60";
    let save = "saves => '[]', calls => '[]', ids => '{}'";
    let save_steps = format!("save_steps({save}, platforms => '{{tiktok}}', spacings => '{{11}}')");
    let mark = "mark_in_flight(ids => '{}', leases => '{}', steps => '{}', checkpoints => '{}')";
    assert_eq!(commit_after(&world, &format!("claim_results({claim})")).await, "off");
    assert_eq!(
        commit_after(&world, &format!("claim_results({claim}, {save}, paces => '{{11}}')")).await,
        "on"
    );
    assert_eq!(commit_after(&world, &save_steps).await, "on");
    assert_eq!(commit_after(&world, mark).await, "on");
}
