//! Calls to publish that were lost or rejected, which proves nothing.

use super::*;
use crate::platform::instagram::checkpoint::Why;
use crate::platform::instagram::errors::PUBLISHING;
use crate::platform::meta::{Refusal, Remedy};

fn verify(sent: u8, waited: u64, refused: Option<Refusal>) -> Step {
    Step::Verify { task: task(), sent, since: NOW, waited, refused }
}

/// Returns the step that queries the outcome of the `sent`th call to publish, after this error response.
fn refused(sent: u8, answer: &Reply) -> Step {
    World::<Instagram>::by_url().doubt(&publish(sent - 1), answer)
}

#[test]
fn the_outcome_of_a_lost_publication_is_queried_and_found() {
    let world = World::<Instagram>::by_url();
    let lost = Instagram.reconcile(&publish(0), None).unwrap();
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
    let world = World::<Instagram>::by_url();
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

#[test]
fn a_second_call_to_publish_comes_only_after_five_minutes_without_a_first() {
    let (end, waited) = World::<Instagram>::by_url().wait_out(verify(1, 0, None), &recorded("finished"));
    assert_eq!(end, Progress::Next(Step::Allowance { task: task(), sent: 1 }));
    assert!(waited >= Duration::from_mins(5), "{waited:?}");
    let world = World::<Instagram>::by_url();
    let Ok(Progress::Next(again)) = world.read(Step::Allowance { task: task(), sent: 1 }, &recorded("quota"))
    else {
        panic!()
    };
    assert!(is_committed(&again), "from the first lost call on, no refusal is proof");
    // Three times in all; then a person checks.
    let (end, _) = World::<Instagram>::by_url().wait_out(verify(3, 0, None), &recorded("finished"));
    assert!(matches!(end, Progress::Doubt(_, "unconfirmed", _)));
}

#[test]
fn after_any_error_the_container_is_queried_first() {
    let world = World::<Instagram>::by_url();
    let codes = PUBLISHING.iter().filter_map(|row| row.0.parse::<i64>().ok()).map(|subcode| (9, subcode));
    for (code, subcode) in codes.chain([(100, 0), (100, 33), (17, 0), (368, 0), (190, 463), (10, 0), (5, 5)])
    {
        for sent in [1, 2] {
            let look = refused(sent, &error(400, code, subcode));
            assert!(matches!(&look, Step::Verify { refused: Some(_), .. }) && is_committed(&look));
            let live = world.read(look, &recorded("published"));
            assert!(matches!(live, Ok(Progress::Published(..))), "{code}/{subcode}");
        }
    }
    for answer in [reply(400, json!("")), reply(410, json!({})), reply(200, json!({"id": null}))] {
        let live = world.read(refused(1, &answer), &recorded("published"));
        assert!(matches!(live, Ok(Progress::Published(..))), "{answer:?}");
    }
}

#[test]
fn a_real_refusal_leads_where_its_row_says_after_five_minutes() {
    let end = |sent, code, subcode| {
        let (end, waited) = World::<Instagram>::by_url()
            .wait_out(refused(sent, &error(400, code, subcode)), &recorded("finished"));
        assert!(waited >= Duration::from_mins(5), "{waited:?}");
        end
    };
    // A final error, in its own words.
    for (code, subcode, told) in
        [(4, 2_207_051, "2207051"), (506, 0, "506"), (100, 0, "100"), (5, 77, "5/77")]
    {
        let Progress::Restart(Step::Quota { .. }, error) = end(1, code, subcode) else { panic!("{code}") };
        assert!(!matches!(error.disposition, Disposition::Retry { .. }), "{code}");
        assert_eq!(error.code, told);
    }
    // Another container.
    for (code, subcode) in [(24, 2_207_006), (9, 2_207_032), (9, 2_207_053), (24, 2_207_020)] {
        let Progress::Restart(Step::Quota { tries: 1 }, error) = end(1, code, subcode) else {
            panic!("{code}")
        };
        assert!(matches!(error.disposition, Disposition::Retry { .. }), "{subcode}");
    }
    // The obstacle has passed: the same container, any number of times.
    for (code, subcode) in [(17, 0), (368, 0), (9, 2_207_042), (190, 463), (10, 0)] {
        let again = end(40, code, subcode);
        assert_eq!(again, Progress::Next(Step::Allowance { task: task(), sent: 40 }), "{code}");
    }
    // Meta had errors: three times in all.
    assert_eq!(end(2, 2, 0), Progress::Next(Step::Allowance { task: task(), sent: 2 }));
    assert!(matches!(end(3, 2, 0), Progress::Doubt(_, "unconfirmed", _)));
    // Not ready: three times, then another container.
    assert_eq!(end(2, 9007, 2_207_027), Progress::Next(Step::Allowance { task: task(), sent: 2 }));
    assert!(matches!(end(3, 9007, 2_207_027), Progress::Restart(Step::Quota { tries: 1 }, _)));
}

#[test]
fn a_refusal_stored_by_an_earlier_version_is_read_as_final() {
    let row = json!({"Verify": {"task": {"container": "17990000000000777", "tries": 0, "size": SIZE}, "sent": 1,
        "since": NOW, "waited": 0, "refused": "2207051"}});
    let refusal = Refusal { code: "2207051".into(), remedy: Remedy::Final };
    assert_eq!(serde_json::from_value::<Step>(row).unwrap(), verify(1, 0, Some(refusal.clone())));
    let kept = serde_json::to_string(&refusal).unwrap();
    assert_eq!(serde_json::from_str::<Refusal>(&kept).unwrap(), refusal);
}

#[test]
fn an_unreadable_container_is_looked_for_in_the_list_after_an_hour() {
    let (end, waited) = World::<Instagram>::by_url().wait_out(verify(1, 0, None), &error(400, 100, 33));
    assert_eq!(end, Progress::Next(Step::Search { task: task(), since: NOW, why: Why::Blind }));
    assert!(waited >= Duration::from_hours(1), "{waited:?}");
    let world = World::<Instagram>::by_url();
    let Progress::Next(search) = end else { panic!() };
    assert!(matches!(world.read(search, &recorded("list")), Ok(Progress::Published(..))));
}

#[test]
fn trouble_while_publishing_is_ambiguous() {
    let world = World::<Instagram>::by_url();
    for answer in [error(400, 1, 0), error(500, 2, 0), error(400, -1, 2_207_001), reply(502, json!("<html>"))]
    {
        assert_eq!(world.read(publish(0), &answer).unwrap_err().disposition, Disposition::Ambiguous);
    }
    let (end, waited) = World::<Instagram>::by_url().wait_out(verify(1, 0, None), &recorded("in_progress"));
    assert!(matches!(end, Progress::Doubt(_, "still_publishing", _)) && waited >= Duration::from_hours(24));
    let expired = world.read(verify(1, 0, None), &recorded("expired"));
    assert!(matches!(expired, Ok(Progress::Restart(Step::Quota { tries: 1 }, _))), "nothing was published");
}
