//! An issuer that answers slowly. Time is virtual, and passes only where a test says so.

use std::sync::mpsc;
use std::time::Duration;

use serde_json::json;

use super::issuer::Issuer;
use super::keys::{jwk, set, sign};
use super::{Answer, alice, ask, world};
use crate::logs::Logs;
use crate::world::World;

/// More bytes than any response has.
const ALL: usize = 100_000;

/// Stops the time until it is dropped. The runtime does not advance a paused time while a blocking task runs.
struct Stopped(#[expect(dead_code, reason = "its drop ends the blocking task")] mpsc::Sender<()>);

fn stop_time() -> Stopped {
    let (end, ended) = mpsc::channel();
    tokio::task::spawn_blocking(move || ended.recv());
    tokio::time::pause();
    Stopped(end)
}

async fn pass(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

/// An issuer whose responses are held back, and functions that do not know its keys yet.
async fn cold() -> (Issuer, World, Stopped) {
    let issuer = Issuer::start(&set(&[jwk("rsa", json!({"kid": "old"}))])).await;
    let world = world(&issuer, &[]).await;
    issuer.hold();
    (issuer, world, stop_time())
}

/// What a request gets while the issuer does this, from the moment it is asked.
async fn during(world: &World, issuer: &Issuer, happens: impl Future<Output = ()>) -> Answer {
    let token = sign("rsa", json!({"alg": "RS256", "kid": "old"}), &alice());
    let issuer_side = async {
        issuer.arrival().await;
        happens.await;
    };
    tokio::join!(ask(&world.app, &token), issuer_side).0
}

#[tokio::test]
async fn an_issuer_that_answers_after_four_seconds_is_waited_for() {
    let (issuer, world, _stopped) = cold().await;
    let answer = during(&world, &issuer, async {
        pass(4).await;
        issuer.release(ALL);
    });
    assert_eq!(answer.await.status, 200);
}

#[tokio::test]
async fn an_issuer_that_answers_after_eight_seconds_is_unavailable() {
    let (logs, _guard) = Logs::hear();
    let (issuer, world, _stopped) = cold().await;
    let answer = during(&world, &issuer, async {
        pass(5).await;
        pass(3).await;
        issuer.release(ALL);
    });
    let answer = answer.await;
    assert_eq!((answer.status, answer.retry_after.as_deref()), (503, Some("1")), "{answer:?}");
    assert_eq!((issuer.asked(), logs.of("jwks_unreachable").len()), (1, 1));
}

#[tokio::test]
async fn an_issuer_whose_bytes_trickle_is_unavailable_after_five_seconds() {
    let (logs, _guard) = Logs::hear();
    let (issuer, world, _stopped) = cold().await;
    let answer = during(&world, &issuer, async {
        for _ in 0..6 {
            issuer.release(40);
            pass(1).await;
        }
    });
    let answer = answer.await;
    assert_eq!((answer.status, answer.retry_after.as_deref()), (503, Some("1")), "{answer:?}");
    assert_eq!((issuer.asked(), logs.of("jwks_unreachable").len()), (1, 1));
}
