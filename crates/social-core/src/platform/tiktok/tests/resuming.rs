//! Failed chunks, and TikTok's byte count.

use super::*;

fn has(bytes: u64) -> Reply {
    ok(&json!({"status": "PROCESSING_UPLOAD", "uploaded_bytes": bytes}))
}

fn doubted(offset: u64) -> Step {
    TikTok.reconcile(&upload(offset), None).unwrap()
}

fn is_committed(step: &Step) -> bool {
    TikTok.shows(step).committed
}

#[test]
fn a_lost_last_chunk_is_queried_and_never_resent_without_that() {
    let world = World::<TikTok>::public(25_000_000);
    let check = doubted(10_000_000);
    assert_eq!(world.call(&check).effect, Effect::Read);
    assert!(is_committed(&check) && !is_committed(&doubted(0)), "only the last chunk can publish");
    // A count, or the index of the last byte: TikTok does not document which.
    for bytes in [25_000_000, 24_999_999] {
        assert!(matches!(world.read(check.clone(), &has(bytes)), Ok(Progress::Wait(Step::Poll { .. }, _))));
    }
    for bytes in [10_000_000, 0] {
        let resumed = world.read(check.clone(), &has(bytes));
        let Ok(Progress::Next(Step::Upload { offset, whole_sent: true, .. })) = resumed else { panic!() };
        assert_eq!(offset, bytes);
    }
    let uncounted = world.read(check.clone(), &ok(&json!({"status": "PROCESSING_UPLOAD"})));
    assert!(matches!(uncounted, Ok(Progress::Wait(Step::Poll { .. }, _))), "no count is no proof of absence");
    let done = world.read(check, &ok(&json!({"status": "PUBLISH_COMPLETE"})));
    assert!(matches!(done, Ok(Progress::Published(..))));
}

#[test]
fn a_last_chunk_declined_after_one_was_sent_proves_nothing() {
    let world = World::<TikTok>::public(25_000_000);
    let again =
        Step::Upload { task: task(), to: session(), offset: 10_000_000, resyncs: 1, whole_sent: true };
    for status in [400, 409, 410, 416] {
        let next = world.read(again.clone(), &reply(status, ""));
        assert!(matches!(next, Ok(Progress::Next(Step::Check { whole_sent: true, .. }))), "{status}");
        assert_eq!(world.read(upload(10_000_000), &reply(status, "")).is_err(), status != 416, "{status}");
    }
}

#[test]
fn an_expired_url_starts_again_only_if_the_task_is_incomplete() {
    let world = World::<TikTok>::public(25_000_000);
    for status in [403, 404] {
        let Ok(Progress::Next(check)) = world.read(upload(0), &reply(status, "")) else { panic!() };
        let begun = world.read(check.clone(), &has(10_000_000));
        let Ok(Progress::Restart(Step::Creator { inits: 1 }, error)) = begun else { panic!() };
        assert_eq!(error.code, "upload_url_expired");
        assert!(matches!(world.read(check, &has(25_000_000)), Ok(Progress::Wait(Step::Poll { .. }, _))));
        // The last chunk may have arrived all the same: the count gets time, and a final status for the query
        // is none for the publish.
        let Ok(Progress::Next(check)) = world.read(upload(10_000_000), &reply(status, "")) else { panic!() };
        assert!(TikTok.shows(&check).committed);
        let counted = world.read(check, &has(10_000_000));
        assert!(matches!(counted, Ok(Progress::Wait(Step::Check { to: None, .. }, _))), "{counted:?}");
    }
}

#[test]
fn after_the_last_chunk_an_expired_url_gets_an_hour_to_count() {
    let world = World::<TikTok>::public(25_000_000);
    let again =
        Step::Upload { task: task(), to: session(), offset: 10_000_000, resyncs: 1, whole_sent: true };
    let Ok(Progress::Next(mut check)) = world.read(again, &reply(403, "")) else { panic!() };
    let mut waited = Duration::ZERO;
    loop {
        match world.read(check, &has(10_000_000)).unwrap() {
            Progress::Wait(next, after) => {
                assert!(is_committed(&next));
                waited += after;
                check = next;
            }
            Progress::Restart(Step::Creator { .. }, _) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(waited, Duration::from_hours(1));
}

fn unheard_of(bytes: Option<u64>) -> Reply {
    ok(&json!({"status": "PROCESSING_IN_A_NEW_WAY", "uploaded_bytes": bytes}))
}

#[test]
fn an_unknown_status_is_no_proof_that_the_last_chunk_arrived() {
    let world = World::<TikTok>::public(25_000_000);
    let check = doubted(10_000_000);
    for bytes in [Some(25_000_000), None] {
        let whole = world.read(check.clone(), &unheard_of(bytes));
        assert!(matches!(whole, Ok(Progress::Wait(Step::Poll { .. }, _))), "{bytes:?}");
    }
    let Ok(Progress::Wait(again, _)) = world.read(check, &unheard_of(Some(10_000_000))) else { panic!() };
    assert!(matches!(again, Step::Check { whole_sent: true, .. }));
    let resumed = world.read(again, &has(10_000_000));
    assert!(matches!(resumed, Ok(Progress::Wait(Step::Upload { offset: 10_000_000, .. }, _))));
}

/// Queries again and again, and gets an unknown status.
fn asked_in_vain(offset: u64, to: Option<SessionUrl>) -> Progress<Step> {
    let world = World::<TikTok>::public(25_000_000);
    let Step::Check { task, resyncs, whole_sent, waited, .. } = doubted(offset) else { panic!() };
    let mut step = Step::Check { task, to, offset, resyncs, whole_sent, waited };
    loop {
        match world.read(step, &unheard_of(Some(offset))).unwrap() {
            Progress::Wait(next, _) => step = next,
            end => return end,
        }
    }
}

#[test]
fn a_lasting_unknown_status_ends_in_doubt_after_the_last_chunk() {
    for to in [Some(session()), None] {
        assert!(matches!(asked_in_vain(10_000_000, to.clone()), Progress::Doubt(_, "upload_interrupted", _)));
        assert!(matches!(asked_in_vain(0, to), Progress::Restart(Step::Creator { inits: 1 }, _)));
    }
}

/// Sends one chunk again and again without success. Returns the outcome and the time it took.
fn in_vain(offset: u64) -> (Progress<Step>, Duration) {
    let world = World::<TikTok>::public(25_000_000);
    let mut step = upload(offset);
    let mut waited = Duration::ZERO;
    loop {
        let check = TikTok.reconcile(&step, None).unwrap();
        match world.read(check, &has(offset)).unwrap() {
            Progress::Next(next) => step = next,
            Progress::Wait(next, after) => {
                waited += after;
                step = next;
            }
            end => return (end, waited),
        }
    }
}

#[test]
fn a_failing_chunk_is_retried_more_and_more_slowly_and_then_given_up() {
    let (end, waited) = in_vain(0);
    let Progress::Restart(Step::Creator { inits: 1 }, error) = end else { panic!("{end:?}") };
    assert_eq!(error.code, "upload_interrupted");
    assert!(waited > Duration::from_hours(1), "TikTok keeps the address open for an hour: {waited:?}");
    // After a last chunk that may have arrived, no second task ever follows.
    assert!(matches!(in_vain(10_000_000).0, Progress::Doubt(_, "upload_interrupted", _)));
    // A successful chunk resets the count of failures.
    let world = World::<TikTok>::public(25_000_000);
    let tired = Step::Upload { task: task(), to: session(), offset: 0, resyncs: 7, whole_sent: false };
    assert_eq!(world.read(tired, &reply(206, "")), Ok(Progress::Next(upload(10_000_000))));
}
