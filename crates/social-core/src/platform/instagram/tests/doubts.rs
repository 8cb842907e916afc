//! Calls to publish that were lost, or refused in a way that proves nothing.

use super::*;
use crate::platform::instagram::step::Why;

fn verify(sent: u8, waited: u64, refused: Option<&str>) -> Step {
    Step::Verify { task: task(), sent, since: NOW, waited, refused: refused.map(str::to_owned) }
}

#[test]
fn a_lost_publication_is_asked_about_and_found() {
    let world = World::by_url();
    let lost = Instagram.reconcile(&publish(0)).unwrap();
    assert_eq!(lost, verify(1, 0, None));
    assert!(is_committed(&lost) && world.call(&lost).effect == Effect::Read);
    let Ok(Progress::Published(receipt, Some((search, _)))) = world.read(lost, &recorded("published")) else {
        panic!()
    };
    assert_eq!((receipt.publish_id.as_deref(), receipt.post_id), (Some("17990000000000777"), None));
    let listing = world.call(&search).url;
    assert_eq!(listing.path(), "/v25.0/17841400000000001/media");
    let since = format!("since={}", NOW - 120);
    assert!(listing.query().unwrap().contains(&since), "two minutes before we set out");
    let Ok(Progress::Published(receipt, None)) = world.read(search, &recorded("list")) else { panic!() };
    assert_eq!(receipt.post_id.as_deref(), Some("18010000000000999"));
}

#[test]
fn a_guess_is_no_receipt() {
    let world = World::by_url();
    let twice = json!({"data": [
        {"id": "1", "caption": "hello", "media_product_type": "REELS"},
        {"id": "2", "caption": "hello", "media_product_type": "REELS"},
    ]});
    for list in [twice, json!({"data": []})] {
        let search = Step::Search { task: task(), since: NOW, why: Why::Bind };
        let Ok(Progress::Published(receipt, None)) = world.read(search, &reply(200, &list)) else { panic!() };
        assert_eq!(receipt.post_id, None);
        let blind = Step::Search { task: task(), since: NOW, why: Why::Blind };
        let doubt = world.read(blind, &reply(200, &list));
        assert!(matches!(doubt, Ok(Progress::Doubt(_, "container_unreadable", _))));
    }
}

/// Asks for a container that stays as it is; how it ends, and how long that took.
fn unchanged(mut step: Step, answer: &Reply) -> (Progress<Step>, Duration) {
    let world = World::by_url();
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
fn a_second_call_to_publish_comes_only_after_five_minutes_without_a_first() {
    let (end, waited) = unchanged(verify(1, 0, None), &recorded("finished"));
    assert_eq!(end, Progress::Next(Step::Allowance { task: task(), sent: 1 }));
    assert!(waited >= Duration::from_mins(5), "{waited:?}");
    let world = World::by_url();
    let Ok(Progress::Next(again)) = world.read(Step::Allowance { task: task(), sent: 1 }, &recorded("quota"))
    else {
        panic!()
    };
    assert!(is_committed(&again), "from the first lost call on, no refusal is proof");
    // Three times in all; then a person looks.
    let (end, _) = unchanged(verify(3, 0, None), &recorded("finished"));
    assert!(matches!(end, Progress::Doubt(_, "not_published", _)));
}

#[test]
fn a_refusal_after_a_lost_call_says_nothing_of_that_call() {
    let world = World::by_url();
    for (code, subcode) in [(100, 0), (9007, 2_207_027), (24, 2_207_006), (9, 2_207_042), (506, 0)] {
        let next = world.read(publish(1), &error(400, code, subcode));
        assert!(
            matches!(next, Ok(Progress::Next(Step::Verify { sent: 2, .. }))),
            "{code}/{subcode}: {next:?}"
        );
    }
    // A first one's refusal counts.
    assert_eq!(world.read(publish(0), &error(400, 100, 0)).unwrap_err().disposition, Disposition::Permanent);
    assert!(matches!(
        world.read(publish(0), &error(400, 9007, 2_207_027)),
        Ok(Progress::Wait(Step::Poll { .. }, _))
    ));
    let gone = world.read(publish(0), &error(400, 24, 2_207_006));
    assert!(matches!(gone, Ok(Progress::Restart(Step::Quota { tries: 1 }, _))));
}

#[test]
fn a_post_blocked_as_spam_may_be_live_all_the_same() {
    let world = World::by_url();
    for (blocked, code) in [(error(400, 4, 2_207_051), "2207051"), (error(400, 506, 0), "506/0")] {
        let next = world.read(publish(0), &blocked);
        let Ok(Progress::Next(step)) = next else { panic!("{next:?}") };
        assert!(matches!(&step, Step::Verify { refused: Some(_), sent: 1, .. }), "{code}");
        let live = world.read(step.clone(), &recorded("published"));
        assert!(matches!(live, Ok(Progress::Published(..))));
        let (end, waited) = unchanged(step, &recorded("finished"));
        let Progress::Restart(Step::Quota { .. }, error) = end else { panic!("{end:?}") };
        assert_eq!(error.disposition, Disposition::UserFixable, "it was a refusal after all");
        assert!(waited >= Duration::from_mins(5));
    }
}

#[test]
fn an_unreadable_container_is_looked_for_in_the_list_after_an_hour() {
    let (end, waited) = unchanged(verify(1, 0, None), &error(400, 100, 33));
    assert_eq!(end, Progress::Next(Step::Search { task: task(), since: NOW, why: Why::Blind }));
    assert!(waited >= Duration::from_hours(1), "{waited:?}");
    let world = World::by_url();
    let Progress::Next(search) = end else { panic!() };
    assert!(matches!(world.read(search, &recorded("list")), Ok(Progress::Published(..))));
}

#[test]
fn trouble_while_publishing_is_ambiguous() {
    let world = World::by_url();
    for answer in
        [error(400, 1, 0), error(500, 2, 0), error(400, -1, 2_207_001), reply(502, &json!("<html>"))]
    {
        assert_eq!(world.read(publish(0), &answer).unwrap_err().disposition, Disposition::Ambiguous);
    }
    let (end, waited) = unchanged(verify(1, 0, None), &recorded("in_progress"));
    assert!(matches!(end, Progress::Doubt(_, "still_publishing", _)) && waited >= Duration::from_hours(24));
    let expired = world.read(verify(1, 0, None), &recorded("expired"));
    assert!(matches!(expired, Ok(Progress::Restart(Step::Quota { tries: 1 }, _))), "nothing was published");
}
