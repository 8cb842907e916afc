//! The crash matrix: a worker is killed at every call, before and after, and before it can save the response.
//! It runs for every platform, with each of its ways to publish.

mod forgotten;
pub(crate) mod halt;
mod unsaved;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use social_core::web::{Arrival, Functions};
use social_sandbox::{Fault, FaultKind};
use tokio::task::JoinHandle;

use crate::source::{sha256, video};
use crate::stand_in::{self, StandIn, Way};
use crate::wire::Freeze;
use crate::world::{Setting, WORKER_SECRET, World, answer, public};

/// Returns how many sessions of this database wait for a lock that a test holds.
const WAITING: &str = "select count(*) from pg_locks where locktype = 'advisory' and not granted
    and database = (select oid from pg_database where datname = current_database())";

/// The results that no other worker may take yet.
const LEASED: &str =
    "select count(*) from post_results where lease_token is not null and due_at > social_now()";

/// Starts a worker that can be killed at any instruction.
pub(crate) fn spawn_worker(app: Arc<Functions>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let request = http::Request::post("/.netlify/functions/social-post-worker")
            .header("authorization", format!("Bearer {WORKER_SECRET}"))
            .body(Bytes::new())
            .unwrap();
        answer(&app, request, Arrival::default()).await;
    })
}

/// Returns a world with a post that is about to be published, its id, and its video of at least so many bytes.
pub(crate) async fn about_to_publish(
    stand_in: &dyn StandIn,
    way: &Way,
    length: usize,
) -> (World, String, Bytes) {
    about_to_publish_in(Setting::default(), stand_in, way, length).await
}

async fn about_to_publish_in(
    setting: Setting,
    stand_in: &dyn StandIn,
    way: &Way,
    length: usize,
) -> (World, String, Bytes) {
    let world = World::with(Setting { pull: way.is_pull, ..setting }).await;
    stand_in.without_limits(&world.sandbox);
    let account = world.connect_on(stand_in, "alice", "demokitchen").await;
    let bytes = (way.video)(length);
    let url = world.videos.put("v.mp4", bytes.clone());
    let post = world.publish_on(stand_in, "alice", &account, &url, &way.options).await;
    (world, post, bytes)
}

/// Runs workers, one after the other, until one is `stuck`. Returns it with its functions; `None`: none was.
pub(crate) async fn stuck_worker(
    world: &World,
    stuck: impl AsyncFn(),
) -> Option<(Arc<Functions>, JoinHandle<()>)> {
    for _ in 0..12 {
        let app = world.another_app();
        let mut worker = spawn_worker(Arc::clone(&app));
        tokio::select! {
            () = stuck() => return Some((app, worker)),
            done = &mut worker => done.unwrap(),
        }
        world.advance(Duration::from_secs(61)).await;
    }
    None
}

/// Runs workers until one is `stuck`, which is killed. Returns whether one was.
pub(crate) async fn kill_when(world: &World, stuck: impl AsyncFn()) -> bool {
    let Some((_, worker)) = stuck_worker(world, stuck).await else { return false };
    worker.abort();
    let _ = worker.await;
    true
}

/// What a worker's end leaves of its leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leases {
    /// They last: it was killed.
    Last,
    /// It handed them back: it was stopped.
    HandedBack,
}

/// How and where a worker is killed.
#[derive(Debug, Clone)]
struct Death {
    how: Freeze,
    leases: Leases,
    /// A fault before it, so that the worker is killed while it queries the outcome.
    after: Option<Fault>,
    bytes: usize,
}

/// Runs one post and kills its worker at the `nth` call. Returns whether there was an `nth` call.
async fn dies_at(nth: usize, death: &Death, stand_in: &dyn StandIn, way: &Way) -> bool {
    // A source in no time: the worker does not look at the queue again. A look that arrives after the leases were handed back
    // would take them for a worker that is gone.
    let source = (death.leases == Leases::HandedBack).then_some(1e12);
    let setting = Setting { source, ..Setting::default() };
    let (world, post, bytes) = about_to_publish_in(setting, stand_in, way, death.bytes).await;
    if let Some(fault) = &death.after {
        world.sandbox.fail(fault.clone());
    }
    world.wire.freeze(nth, death.how);
    let stuck = stuck_worker(&world, async || world.wire.frozen().await).await;
    let died = stuck.is_some();
    let what = format!("{} call {nth} {death:?}, {}", stand_in.platform(), way.options);
    let mut handed_back = 0;
    if let Some((app, worker)) = stuck {
        worker.abort();
        if death.leases == Leases::HandedBack {
            worker.await.unwrap_err();
            handed_back = app.publisher.hand_back().await.unwrap();
            assert!(handed_back <= 1, "{what}");
        }
    }
    world.wire.thaw();
    match death.leases {
        Leases::Last => world.advance(Duration::from_secs(151)).await,
        Leases::HandedBack => {
            let leased = world.scalar(LEASED).await;
            assert_eq!(
                leased,
                0,
                "{what}: {handed_back} handed back, {}",
                world.result("alice", &post).await
            );
        }
    }
    world.run_to_the_end().await;
    ended_well(&world, stand_in, way, &post, &bytes, &what).await;
    died
}

/// Checks that the video is published once with every byte. It may be in doubt if that is unavoidable, and is
/// then published at most once.
pub(crate) async fn ended_well(
    world: &World,
    stand_in: &dyn StandIn,
    way: &Way,
    post: &str,
    bytes: &[u8],
    what: &str,
) {
    let result = world.result("alice", post).await;
    let published = stand_in.published(&world.sandbox);
    let what = format!("{what}: {result} {:?}", world.ledger("alice", post).await);
    assert!(published.len() <= 1, "published {} times: {what}", published.len());
    let state = result["state"].as_str().unwrap();
    if state == "inDoubt" {
        assert!(way.may_doubt, "this can always be reconciled: {what}");
        let last = world.ledger("alice", post).await.pop().unwrap();
        assert_eq!(last, ("init".to_owned(), "crashed".to_owned()), "nothing else is beyond asking: {what}");
    } else {
        assert!(["published", "deliveredToInbox"].contains(&state), "{what}");
        let one = published.first().unwrap_or_else(|| panic!("it is nowhere: {what}"));
        assert!(["", "hello #world"].contains(&one.caption.as_str()), "{what}");
        assert_eq!(one.sha256, sha256(bytes), "{what}");
    }
}

pub(crate) async fn matrix(how: Freeze, is_pull: bool, leases: Leases) {
    for stand_in in stand_in::all() {
        for way in stand_in.ways().into_iter().filter(|way| way.is_pull == is_pull) {
            let mut nth = 1;
            let death = Death { how, leases, after: None, bytes: 25_000_000 };
            while dies_at(nth, &death, stand_in, &way).await {
                nth += 1;
            }
            assert!(nth > 2, "{} made no calls", stand_in.platform());
        }
    }
}

#[tokio::test]
async fn a_worker_killed_while_it_queries_an_outcome_loses_and_doubles_nothing() {
    for stand_in in stand_in::all() {
        let way = stand_in.ways().swap_remove(0);
        for kind in [FaultKind::HangUpBefore, FaultKind::HangUpAfter] {
            for how in [Freeze::BeforeTheCall, Freeze::AfterTheCall] {
                let after = Some(Fault::of(stand_in.platform(), stand_in.last_call(), kind.clone()));
                let death = Death { how, leases: Leases::Last, after, bytes: 300_000 };
                // Without a fault, it makes at least three calls before this one.
                let mut nth = 3;
                while dies_at(nth, &death, stand_in, &way).await {
                    nth += 1;
                }
                assert!(nth > 4, "{} found nothing out", stand_in.platform());
            }
        }
    }
}

#[tokio::test]
async fn a_worker_killed_before_any_call_of_an_upload_loses_and_doubles_nothing() {
    matrix(Freeze::BeforeTheCall, false, Leases::Last).await;
}

#[tokio::test]
async fn a_worker_killed_after_any_call_of_an_upload_loses_and_doubles_nothing() {
    matrix(Freeze::AfterTheCall, false, Leases::Last).await;
}

#[tokio::test]
async fn a_worker_killed_before_any_call_of_a_pull_loses_and_doubles_nothing() {
    matrix(Freeze::BeforeTheCall, true, Leases::Last).await;
}

#[tokio::test]
async fn a_worker_killed_after_any_call_of_a_pull_loses_and_doubles_nothing() {
    matrix(Freeze::AfterTheCall, true, Leases::Last).await;
}

/// Meta's uploads: the platform, which of its ways, and the call that carries the bytes.
const META_UPLOADS: [(&str, usize, &str); 3] =
    [("instagram", 0, "upload"), ("facebook", 0, "upload"), ("facebook", 1, "video_transfer")];

#[tokio::test]
async fn what_a_worker_had_sent_before_it_died_is_not_sent_again() {
    for (platform, way, call) in META_UPLOADS {
        let (stand_in, way) = (stand_in::of(platform), stand_in::of(platform).ways().swap_remove(way));
        let (world, ..) = about_to_publish(stand_in, &way, 25_000_000).await;
        world.run_to_the_end().await;
        let needed = world.sandbox.calls(platform, call);
        assert!(needed > 0, "{platform} {call}");
        let (world, post, bytes) = about_to_publish(stand_in, &way, 25_000_000).await;
        // Every worker that sends a part of it is killed before it reads the response, until nothing is left
        // to send.
        let mut died = 0;
        for nth in 1..60 {
            let before = world.sandbox.calls(platform, call);
            world.wire.freeze(nth, Freeze::AfterTheCall);
            let mut worker = spawn_worker(world.another_app());
            let is_frozen = tokio::select! {
                () = world.wire.frozen() => true,
                done = &mut worker => {
                    done.unwrap();
                    false
                }
            };
            worker.abort();
            world.wire.thaw();
            if !is_frozen {
                break;
            }
            died += u64::from(world.sandbox.calls(platform, call) > before);
            world.advance(Duration::from_secs(151)).await;
        }
        world.run_to_the_end().await;
        let what = format!("{platform} {call}");
        ended_well(&world, stand_in, &way, &post, &bytes, &what).await;
        assert_eq!(world.sandbox.calls(platform, call), needed, "{what}: each byte once");
        assert!(died >= 1, "{what}: no worker was killed there");
    }
}

/// A platform download's init takes effect, and the worker is killed before it reads the response. Then
/// `meanwhile` runs.
async fn after_a_lost_pull(meanwhile: impl AsyncFnOnce(&mut World)) -> (World, String) {
    let mut world = World::with(Setting { pull: true, ..Setting::default() }).await;
    world.without_limits();
    let post = world.posted("demokitchen", video(1_000_000), public()).await;
    // The creator query comes first, then the init.
    world.wire.freeze(2, Freeze::AfterTheCall);
    let worker = spawn_worker(world.another_app());
    world.wire.frozen().await;
    worker.abort();
    world.wire.thaw();
    meanwhile(&mut world).await;
    world.advance(Duration::from_secs(200)).await;
    (world, post)
}

#[tokio::test]
async fn the_mark_of_a_lost_call_is_heeded_before_anything_else() {
    let refresh_is_down = async |world: &mut World| {
        world.advance(Duration::from_hours(24)).await;
        world.sandbox.fail(Fault::tiktok("token_refresh", FaultKind::Html { status: 502 }).times(50));
    };
    let the_grant_ended = async |world: &mut World| {
        world.execute("update social_accounts set status = 'needs_reconnect'").await;
    };
    let it_failed_often = async |world: &mut World| {
        world.execute("update post_results set failures = 7").await;
    };
    let the_prefix_is_gone = async |world: &mut World| {
        world.set("TIKTOK_VERIFIED_URL_PREFIXES", "");
    };
    let worlds = [
        after_a_lost_pull(refresh_is_down).await,
        after_a_lost_pull(the_grant_ended).await,
        after_a_lost_pull(it_failed_often).await,
        after_a_lost_pull(the_prefix_is_gone).await,
    ];
    for (case, (world, post)) in worlds.iter().enumerate() {
        world.run_to_the_end().await;
        assert_eq!(world.result("alice", post).await["state"], "inDoubt", "case {case}");
        world.sandbox.clear_faults();
        world.connect("alice", "demokitchen").await;
        world.run_to_the_end().await;
        assert_eq!(world.result("alice", post).await["state"], "inDoubt", "case {case}");
        assert_eq!(world.sandbox.tiktok().published().len(), 1, "case {case}");
    }
}

#[tokio::test]
async fn a_worker_that_thaws_late_sends_nothing() {
    let world = World::with(Setting { pull: true, ..Setting::default() }).await;
    world.without_limits();
    let post = world.posted("demokitchen", video(1_000_000), public()).await;
    // Frozen between the in-flight record and the request: the record waits for a lock that we hold, and time
    // passes.
    world
        .execute(
            "create function wait_here() returns trigger language plpgsql as $$ begin
                perform pg_advisory_xact_lock(8); return new;
            end $$",
        )
        .await;
    world
        .execute(
            "create trigger wait_here after update on post_results for each row
                when (new.in_flight and not old.in_flight) execute function wait_here()",
        )
        .await;
    let mut holder = world.db.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(8)").execute(&mut *holder).await.unwrap();
    let late = spawn_worker(world.another_app());
    while world.scalar(WAITING).await == 0 {
        tokio::task::yield_now().await;
    }
    world.advance_process(Duration::from_mins(5));
    holder.rollback().await.unwrap();
    late.await.unwrap();
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 0, "its lease is over");
    world.execute("drop trigger wait_here on post_results").await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
}

#[tokio::test]
async fn a_worker_whose_result_is_anothers_by_now_marks_and_sends_nothing() {
    let world = World::with(Setting { pull: true, ..Setting::default() }).await;
    world.without_limits();
    let post = world.posted("demokitchen", video(1_000_000), public()).await;
    // Frozen at its first call, for longer than its lease by the database's clock, but not by its own.
    world.wire.freeze(1, Freeze::BeforeTheCall);
    let late = spawn_worker(world.another_app());
    world.wire.frozen().await;
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 0, "it is before the call that publishes");
    world.advance_database(Duration::from_secs(151)).await;
    let mut other = spawn_worker(world.another_app());
    while world.sandbox.tiktok().calls("video_init") == 0 {
        tokio::select! {
            done = &mut other => done.unwrap(),
            () = tokio::task::yield_now() => continue,
        }
        world.advance(Duration::from_secs(1)).await;
        other = spawn_worker(world.another_app());
    }
    world.wire.let_go();
    late.await.unwrap();
    other.await.unwrap();
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 1, "the mark was refused");
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
}
