//! Finishes that were lost or rejected, or whose video fails later.

use super::*;
use crate::platform::facebook::errors::PUBLISHING;
use crate::platform::meta::{Refusal, Remedy};

/// Returns the step that queries the outcome of the `sent`th finish, after this error response.
fn refused(sent: u8, answer: &Reply) -> Step {
    World::<Facebook>::vertical().doubt(&finish(sent - 1), answer)
}

#[test]
fn the_outcome_of_a_lost_finish_is_queried_and_found() {
    let world = World::<Facebook>::vertical();
    let lost = Facebook.reconcile(&finish(0), None).unwrap();
    assert_eq!(lost, watched(Finish::Lost, 0, 0));
    assert!(is_committed(&lost) && world.call(&lost).effect == Effect::Read);
    assert!(matches!(world.read(lost, &recorded("published")), Ok(Progress::Published(..))));
}

#[test]
fn a_second_finish_comes_only_when_the_first_had_minutes_to_show() {
    let (end, waited) =
        World::<Facebook>::vertical().wait_out(watched(Finish::Lost, 0, 0), &recorded("unfinished"));
    assert_eq!(end, Progress::Next(finish(1)));
    assert!(waited >= Duration::from_mins(2), "{waited:?}");
    assert!(is_committed(&finish(1)), "from the first lost one on, no refusal is proof");
    // A video in processing or publishing may result from that very finish.
    for name in ["uploaded", "publishing"] {
        let (end, waited) =
            World::<Facebook>::vertical().wait_out(watched(Finish::Lost, 0, 0), &recorded(name));
        assert!(matches!(end, Progress::Doubt(_, "still_processing", _)), "{name}");
        assert!(waited >= Duration::from_hours(24), "{name}");
    }
    // An accepted finish is never sent again, however long it takes.
    let (end, _) =
        World::<Facebook>::vertical().wait_out(watched(Finish::Taken, 0, 0), &recorded("unfinished"));
    assert!(matches!(end, Progress::Doubt(_, "still_processing", _)));
    // Three in all; then a person checks.
    let step =
        Step::Poll { clip: reel(SIZE), watch: Watch { sent: 3, finish: Finish::Lost, waited: 0, idle: 0 } };
    assert!(matches!(
        World::<Facebook>::vertical().wait_out(step, &recorded("unfinished")).0,
        Progress::Doubt(_, "unconfirmed", _)
    ));
}

#[test]
fn nothing_going_on_must_last_without_a_break() {
    let world = World::<Facebook>::vertical();
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
fn after_any_error_the_video_is_queried_first() {
    let world = World::<Facebook>::vertical();
    let subcodes = PUBLISHING.iter().filter_map(|row| row.0.parse::<i64>().ok());
    for code in subcodes.chain([3, 10, 17, 100, 190, 368, 506, 5]) {
        for sent in [1, 2] {
            let look = refused(sent, &error(400, code, 0));
            assert!(matches!(&look, Step::Poll { watch: Watch { finish: Finish::Refused(_), .. }, .. }));
            assert!(is_committed(&look));
            assert!(
                matches!(world.read(look, &recorded("published")), Ok(Progress::Published(..))),
                "{code}"
            );
        }
    }
}

#[test]
fn a_real_refusal_leads_where_its_row_says_after_minutes_without_a_change() {
    let end = |sent, answer: &Reply| {
        let (end, waited) =
            World::<Facebook>::vertical().wait_out(refused(sent, answer), &recorded("unfinished"));
        assert!(waited >= Duration::from_mins(2), "{waited:?}");
        end
    };
    // Another video.
    for (code, subcode) in
        [(6000, 1_363_045), (6001, 0), (1_363_047, 0), (390, 1_363_030), (-2, 1_363_030), (1_363_030, 0)]
    {
        let anew = end(1, &error(400, code, subcode));
        let Progress::Restart(Step::Start { tries: 1 }, error) = anew else { panic!("{anew:?}") };
        assert!(matches!(error.disposition, Disposition::Retry { .. }), "{code}/{subcode}");
    }
    // A final error, in its own words.
    for (code, subcode, told) in
        [(100, 1_363_128, "1363128"), (506, 0, "506"), (100, 33, "100/33"), (3, 0, "3"), (5, 77, "5/77")]
    {
        let Progress::Restart(_, error) = end(1, &error(400, code, subcode)) else { panic!("{code}") };
        assert_eq!(error.code, told);
        assert!(!matches!(error.disposition, Disposition::Retry { .. }), "{code}");
    }
    let Progress::Restart(_, label) = end(1, &error(400, 100, 0)) else { panic!() };
    assert!(label.message.contains("AI-generated"), "{}", label.message);
    // The obstacle has passed: the same video, for two days.
    let role = json!({"error": {"code": 100, "message": "(#100) No permission to publish the video"}});
    for answer in [error(400, 4, 1_390_008), error(400, 32, 0), error(400, 190, 460), reply(400, &role)] {
        assert_eq!(end(40, &answer), Progress::Next(finish(40)), "{answer:?}");
        assert!(matches!(end(48, &answer), Progress::Doubt(_, "unconfirmed", _)));
    }
    // Meta had errors: three times in all.
    assert_eq!(end(2, &error(400, 2, 0)), Progress::Next(finish(2)));
    assert!(matches!(end(3, &error(500, 2, 0)), Progress::Doubt(_, "unconfirmed", _)));
}

#[test]
fn a_refusal_stored_by_an_earlier_version_is_read_as_final() {
    let kept: Finish = serde_json::from_value(json!({"Refused": "506"})).unwrap();
    assert_eq!(kept, Finish::Refused(Refusal { code: "506".into(), remedy: Remedy::Final }));
}

#[test]
fn trouble_while_finishing_is_ambiguous() {
    let world = World::<Facebook>::vertical();
    for answer in [error(400, 1, 0), error(500, 2, 0), reply(502, json!("<html>"))] {
        assert_eq!(world.read(finish(0), &answer).unwrap_err().disposition, Disposition::Ambiguous);
    }
    let neither = world.read(finish(0), &reply(200, json!({"success": false})));
    assert_eq!(neither, Ok(Progress::Next(watched(Finish::Lost, 0, 0))));
}

#[test]
fn a_video_that_fails_says_why_and_one_that_is_not_public_is_not_called_so() {
    let world = World::<Facebook>::vertical();
    let failed = |name: &str| {
        let end = world.read(watched(Finish::Taken, 60, 0), &recorded(name));
        let Ok(Progress::Restart(_, error)) = end else { panic!("{name}: {end:?}") };
        (error.code, error.disposition)
    };
    assert_eq!(failed("failed"), ("1363127".to_owned(), Disposition::UserFixable));
    assert_eq!(failed("failed_documents"), ("processing_failed".to_owned(), Disposition::UserFixable));
    let told = json!({"status": {"video_status": "error", "processing_phase": {"status": "error",
        "errors": [{"code": 1_363_999, "message": "x"}]}}});
    let end = world.read(watched(Finish::Taken, 60, 0), &reply(200, &told));
    let Ok(Progress::Restart(_, error)) = end else { panic!("{end:?}") };
    assert_eq!(error.code, "1363999", "an unknown number is shown");
    assert_eq!(failed("publish_failed"), ("1404102".to_owned(), Disposition::UserFixable));
    assert_eq!(failed("draft"), ("became_draft".to_owned(), Disposition::UserFixable));
    let scheduled = world.read(watched(Finish::Taken, 60, 0), &recorded("scheduled"));
    assert!(matches!(scheduled, Ok(Progress::Wait(..))));
}

#[test]
fn a_link_without_a_host_gets_facebooks() {
    let world = World::<Facebook>::landscape();
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
