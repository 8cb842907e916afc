//! Finishes that were lost, refused, or taken for a video that fails.

use super::*;

/// Asks for a video that stays as it is; how it ends, and how long that took.
fn unchanged(mut step: Step, answer: &Reply) -> (Progress<Step>, Duration) {
    let world = World::vertical();
    let mut waited = Duration::ZERO;
    loop {
        match world.read(step, answer).unwrap() {
            Progress::Wait(next, after) => {
                assert!(is_committed(&next));
                waited += after;
                step = next;
            }
            end => return (end, waited),
        }
    }
}

#[test]
fn a_lost_finish_is_asked_about_and_found() {
    let world = World::vertical();
    let lost = Facebook.reconcile(&finish(0)).unwrap();
    assert_eq!(lost, watched(Finish::Lost, 0, 0));
    assert!(is_committed(&lost) && world.call(&lost).effect == Effect::Read);
    assert!(matches!(world.read(lost, &recorded("published")), Ok(Progress::Published(..))));
}

#[test]
fn a_second_finish_comes_only_when_the_first_had_minutes_to_show() {
    let (end, waited) = unchanged(watched(Finish::Lost, 0, 0), &recorded("unfinished"));
    assert_eq!(end, Progress::Next(finish(1)));
    assert!(waited >= Duration::from_mins(2), "{waited:?}");
    assert!(is_committed(&finish(1)), "from the first lost one on, no refusal is proof");
    // What is being processed or published may be just that finish's doing.
    for name in ["uploaded", "publishing"] {
        let (end, waited) = unchanged(watched(Finish::Lost, 0, 0), &recorded(name));
        assert!(matches!(end, Progress::Doubt(_, "still_processing", _)), "{name}");
        assert!(waited >= Duration::from_hours(24), "{name}");
    }
    // One that was taken is never sent again, however long it takes.
    let (end, _) = unchanged(watched(Finish::Taken, 0, 0), &recorded("unfinished"));
    assert!(matches!(end, Progress::Doubt(_, "still_processing", _)));
    // Three in all; then a person looks.
    let step =
        Step::Poll { clip: reel(SIZE), watch: Watch { sent: 3, finish: Finish::Lost, waited: 0, idle: 0 } };
    assert!(matches!(unchanged(step, &recorded("unfinished")).0, Progress::Doubt(_, "not_published", _)));
}

#[test]
fn nothing_going_on_must_last_without_a_break() {
    let world = World::vertical();
    let idle = watched(Finish::Lost, 100, 90);
    let Ok(Progress::Wait(step, _)) = world.read(idle, &recorded("publishing")) else { panic!() };
    let Step::Poll { watch, .. } = &step else { panic!() };
    assert_eq!(watch.idle, 0);
    let Ok(Progress::Wait(Step::Poll { watch, .. }, _)) =
        world.read(watched(Finish::Lost, 100, 90), &error(400, 100, 33))
    else {
        panic!()
    };
    assert_eq!(watch.idle, 0, "what cannot be seen proves nothing");
}

#[test]
fn a_refusal_counts_unless_a_finish_was_lost_before() {
    let world = World::vertical();
    for (code, subcode, again) in [(6000, 1_363_045, true), (6001, 0, true), (1_363_047, 0, true)] {
        let anew = world.read(finish(0), &error(400, code, subcode));
        let Ok(Progress::Restart(Step::Start { tries: 1 }, error)) = anew else { panic!("{anew:?}") };
        assert_eq!(matches!(error.disposition, Disposition::Retry { .. }), again, "{code}");
    }
    let refused = world.read(finish(0), &error(400, 100, 1_363_128)).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.disposition), ("1363128", Disposition::UserFixable));
    let label = world.read(finish(0), &error(400, 100, 0)).unwrap_err();
    assert!(label.message.contains("made by AI") && label.disposition == Disposition::Permanent);
    let too_fast = world.read(finish(0), &error(400, 4, 1_390_008));
    let Ok(Progress::Restart(Step::Check { .. }, held)) = too_fast else { panic!("{too_fast:?}") };
    assert!(matches!(held.disposition, Disposition::Hold { .. }));
    for (code, subcode) in [(100, 0), (6000, 1_363_045), (4, 1_390_008), (32, 0)] {
        let next = world.read(finish(1), &error(400, code, subcode));
        assert!(
            matches!(&next, Ok(Progress::Next(Step::Poll { watch: Watch { sent: 2, .. }, .. }))),
            "{code}: {next:?}"
        );
    }
    // "The same post twice" may mean that the first one is there.
    let Ok(Progress::Next(twice)) = world.read(finish(0), &error(400, 506, 0)) else { panic!() };
    let (end, _) = unchanged(twice, &recorded("unfinished"));
    let Progress::Restart(_, error) = end else { panic!("{end:?}") };
    assert_eq!((error.code.as_str(), error.disposition), ("506", Disposition::UserFixable));
    let role = json!({"error": {"code": 100, "message": "(#100) No permission to publish the video"}});
    assert_eq!(world.read(finish(0), &reply(400, &role)).unwrap_err().disposition, Disposition::Reconnect);
}

#[test]
fn trouble_while_finishing_is_ambiguous() {
    let world = World::vertical();
    for answer in [error(400, 1, 0), error(500, 2, 0), reply(502, &json!("<html>"))] {
        assert_eq!(world.read(finish(0), &answer).unwrap_err().disposition, Disposition::Ambiguous);
    }
    let neither = world.read(finish(0), &reply(200, &json!({"success": false})));
    assert_eq!(neither, Ok(Progress::Next(watched(Finish::Lost, 0, 0))));
}

#[test]
fn a_video_that_fails_says_why_and_one_that_is_not_public_is_not_called_so() {
    let world = World::vertical();
    let failed = |name: &str| {
        let end = world.read(watched(Finish::Taken, 60, 0), &recorded(name));
        let Ok(Progress::Restart(_, error)) = end else { panic!("{name}: {end:?}") };
        (error.code, error.disposition)
    };
    assert_eq!(failed("failed"), ("1363127".to_owned(), Disposition::UserFixable));
    assert_eq!(failed("failed_documents"), ("processing_failed".to_owned(), Disposition::UserFixable));
    assert_eq!(failed("publish_failed"), ("1404102".to_owned(), Disposition::UserFixable));
    assert_eq!(failed("draft"), ("became_draft".to_owned(), Disposition::UserFixable));
    let scheduled = world.read(watched(Finish::Taken, 60, 0), &recorded("scheduled"));
    assert!(matches!(scheduled, Ok(Progress::Wait(..))));
}

#[test]
fn a_link_without_a_host_gets_facebooks() {
    let world = World::landscape();
    let watch = Watch { sent: 1, finish: Finish::Taken, waited: 5, idle: 0 };
    let step = Step::Poll { clip: plain(SIZE, SIZE), watch };
    let link = |name: &str| {
        let Ok(Progress::Published(receipt, None)) = world.read(step.clone(), &recorded(name)) else {
            panic!()
        };
        (receipt.post_id.unwrap(), receipt.url.unwrap())
    };
    let without = "https://www.facebook.com/104000000000001/videos/880000000000456";
    assert_eq!(link("published_documents"), ("880000000000456".to_owned(), without.to_owned()));
    assert_eq!(link("published_node").1, "https://www.facebook.com/104000000000001/videos/880000000000123");
}
