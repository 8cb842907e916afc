//! The crash matrix of outgoing webhooks: a worker is killed before each message arrives, after it, and while it saves what
//! came of it. An answer of the database is lost at each call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::courier::{listening, publish, publish_after_a_hold};
use crate::crash::halt::Halt;
use crate::crash::kill_when;
use crate::line::Line;
use crate::receiver::{Arrived, Receiver, SECRET, is_genuine};
use crate::wire::Freeze;
use crate::world::{World, work_with};

/// A world with a receiver. Two messages about each of two results are to be told.
async fn about_to_tell() -> (World, Receiver) {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    for handle in ["one", "two"] {
        publish_after_a_hold(&world, handle).await;
    }
    receiver.take();
    (world, receiver)
}

const UNTOLD: &str = "select count(*) from webhook_messages where delivered_at is null";

/// Lets other workers finish after one was killed. Checks that every message arrived, with the same bytes each time, and
/// those about a result in their order. Returns how many came twice.
async fn ends_well(world: &World, receiver: &Receiver, what: &str) -> usize {
    // No lease of the killed worker holds.
    world.advance(Duration::from_secs(151)).await;
    world.run_to_the_end().await;
    for _ in 0..3 {
        world.work().await;
        world.advance(Duration::from_secs(61)).await;
    }
    assert_eq!(world.scalar(UNTOLD).await, 0, "{what}");
    let told = receiver.take();
    assert!(told.iter().all(|message| is_genuine(message, SECRET)), "{what}");
    let (mut bodies, mut results) =
        (BTreeMap::<&str, &Bytes>::new(), BTreeMap::<String, Vec<&Arrived>>::new());
    for message in &told {
        let first = bodies.insert(message.header("webhook-id"), &message.body);
        assert!(first.is_none_or(|first| *first == message.body), "{what}: {message:?}");
        if first.is_none() {
            let result = message.json()["data"]["resultId"].to_string();
            results.entry(result).or_default().push(message);
        }
    }
    assert_eq!(results.len(), 2, "{what}");
    for messages in results.values() {
        let kinds: Vec<String> = messages.iter().map(|message| message.kind()).collect();
        assert_eq!(kinds, ["result.held", "result.published"], "{what}");
        assert!(messages[0].sequence() < messages[1].sequence(), "{what}");
    }
    told.len() - bodies.len()
}

/// Kills the worker at the `nth` message. Returns whether there was one, and how many messages came twice.
async fn dies_at(nth: usize, how: Freeze) -> (bool, usize) {
    let (world, receiver) = about_to_tell().await;
    receiver.wire.freeze(nth, how);
    let died = kill_when(&world, async || receiver.wire.frozen().await).await;
    receiver.wire.thaw();
    (died, ends_well(&world, &receiver, &format!("message {nth} {how:?}")).await)
}

#[tokio::test]
async fn a_worker_killed_before_or_after_any_message_loses_none_and_tells_of_a_result_in_order() {
    for how in [Freeze::BeforeTheCall, Freeze::AfterTheCall] {
        let (mut nth, mut twice) = (1, 0);
        loop {
            let (died, again) = dies_at(nth, how).await;
            twice += again;
            if !died {
                break;
            }
            nth += 1;
        }
        assert_eq!(nth, 5, "{how:?}: it died at each of four messages");
        // What arrived and was not saved comes again.
        assert!(how == Freeze::BeforeTheCall || twice >= 4, "{twice} came twice");
    }
}

#[tokio::test]
async fn four_workers_killed_in_a_row_while_they_send_lose_no_message_and_tell_of_a_result_under_one_id() {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    for nth in 0..3 {
        publish(&world, &format!("creator{nth}")).await;
    }
    for _ in 0..4 {
        receiver.wire.freeze(1, Freeze::AfterTheCall);
        assert!(kill_when(&world, async || receiver.wire.frozen().await).await);
        world.advance(Duration::from_secs(61)).await;
    }
    receiver.wire.thaw();
    world.run_to_the_end().await;
    while world.scalar(UNTOLD).await > 0 {
        world.work().await;
        world.advance(Duration::from_secs(61)).await;
    }
    let told = receiver.take();
    let ids: BTreeSet<&str> = told.iter().map(|message| message.header("webhook-id")).collect();
    assert_eq!(ids.len(), 3, "one id to each result: {told:?}");
    assert!(told.len() > 3, "sent again by the next worker: {told:?}");
}

/// Kills the worker while it saves that a message was taken, after so many. Returns whether it came to that.
async fn dies_unsaved(saves: usize) -> bool {
    let (world, receiver) = about_to_tell().await;
    let condition = format!(
        "new.delivered_at is not null
            and (select count(*) from webhook_messages where delivered_at is not null) >= {saves}"
    );
    let died = Halt::at(&world, "update", "webhook_messages", &condition).await.kill_worker().await;
    let twice = ends_well(&world, &receiver, &format!("save {saves}")).await;
    assert_eq!(died, twice > 0, "save {saves}: what was not saved comes again");
    died
}

#[tokio::test]
async fn a_worker_killed_while_it_saves_that_a_message_was_taken_loses_none_and_tells_of_a_result_in_order() {
    let mut saves = 0;
    while dies_unsaved(saves).await {
        saves += 1;
    }
    assert!(saves > 2, "it died at {saves} saves");
}

#[tokio::test]
async fn an_answer_of_the_database_that_is_lost_loses_no_message() {
    let receiver = Receiver::start().await;
    let mut world = listening(&[&receiver]).await;
    let (line, url) = Line::start(world.database_url());
    world.set("DATABASE_URL", &url);
    for nth in 1..40 {
        publish(&world, &format!("creator{nth}")).await;
        receiver.take();
        line.lose_answer(nth);
        let app = Arc::clone(&world.app);
        for _ in 0..4 {
            // One whose answer is lost may fail.
            let _ = tokio::spawn({
                let app = Arc::clone(&app);
                async move { work_with(&app).await }
            })
            .await;
            world.advance(Duration::from_secs(200)).await;
        }
        world.run_to_the_end().await;
        let told = receiver.take();
        let ids: Vec<&str> = told.iter().map(|message| message.header("webhook-id")).collect();
        assert!(!ids.is_empty() && ids.iter().all(|id| *id == ids[0]), "answer {nth}: {ids:?}");
        if !line.was_cut() {
            assert!(nth > 3);
            return;
        }
    }
    panic!("it says too much to its database");
}
