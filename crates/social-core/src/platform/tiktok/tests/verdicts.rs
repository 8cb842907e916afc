//! TikTok's status of a publish, and its consequences.

use super::*;

fn doubted() -> Step {
    TikTok.reconcile(&upload(10_000_000), None).unwrap()
}

#[test]
fn every_fail_reason_leads_where_its_row_says() {
    let world = World::<TikTok>::public(1000);
    for (reason, disposition, _) in errors::FAIL_REASONS {
        let failed = ok(&json!({"status": "FAILED", "fail_reason": reason}));
        let Ok(Progress::Restart(Step::Creator { inits: 1 }, error)) = world.read(poll(), &failed) else {
            panic!("{reason}")
        };
        assert_eq!((error.code.as_str(), error.disposition), (*reason, *disposition));
        let again = Step::Poll { task: Task { inits: 2, ..task() }, waited: 0 };
        let Ok(Progress::Restart(_, error)) = world.read(again, &failed) else { panic!("{reason}") };
        assert!(
            !matches!(error.disposition, Disposition::Retry { .. } | Disposition::RefreshToken),
            "{reason} would begin again for ever"
        );
    }
}

#[test]
fn a_failure_is_a_cancellation_if_we_requested_it() {
    let world = World::<TikTok>::public(1000);
    for (reason, ..) in errors::FAIL_REASONS {
        let failed = ok(&json!({"status": "FAILED", "fail_reason": reason}));
        let poll = Step::Poll { task: Task { recalled: true, ..task() }, waited: 0 };
        assert!(matches!(world.read(poll, &failed), Ok(Progress::Recalled)), "{reason} would begin again");
    }
    let cancelled = ok(&json!({"status": "FAILED", "fail_reason": "publish_cancelled"}));
    for answer in [ok(&json!({})), error(400, "publish_not_cancellable"), error(400, "invalid_params")] {
        let recall = Step::Recall { task: task(), waited: 5 };
        let Ok(Progress::Next(poll)) = world.read(recall, &answer) else { panic!("{answer:?}") };
        assert!(matches!(world.read(poll, &cancelled), Ok(Progress::Recalled)));
    }
    let Ok(Progress::Restart(_, error)) = world.read(poll(), &cancelled) else { panic!() };
    assert_eq!((error.code.as_str(), error.disposition), ("publish_cancelled", Disposition::Permanent));
}

#[test]
fn a_refusal_of_our_chunks_blames_only_us() {
    let world = World::<TikTok>::public(1000);
    let init = Step::Init { handle: None, inits: 0 };
    let refused = |message: &str| {
        let body =
            json!({"data": {}, "error": {"code": "invalid_params", "message": message, "log_id": "L2"}});
        world.read(init.clone(), &reply(400, body.to_string())).unwrap_err()
    };
    let ours = refused("The chunk size is invalid");
    assert!(ours.message.contains("our fault") && ours.code == "invalid_params", "{}", ours.message);
    assert!(!refused("The title is invalid").message.contains("our fault"));
}

#[test]
fn every_api_code_leads_where_its_row_says() {
    let world = World::<TikTok>::public(1000);
    for (code, disposition, _) in errors::API {
        for status in [200, 403] {
            let refused =
                world.read(Step::Init { handle: None, inits: 0 }, &error(status, code)).unwrap_err();
            assert_eq!((refused.code.as_str(), refused.disposition), (*code, *disposition), "HTTP {status}");
            assert_eq!(refused.log_id.as_deref(), Some("L2"));
        }
    }
}

#[test]
fn only_a_named_error_of_an_init_is_proof_that_it_created_no_task() {
    let world = World::<TikTok>::public(1000);
    let init = Step::Init { handle: None, inits: 0 };
    let is_proof = |step: &Step, answer: &Reply| {
        let refused = world.read(step.clone(), answer).unwrap_err();
        TikTok.is_proof(step, &refused)
    };
    // An outage of TikTok, or an error about another call, is no final status.
    let none = ["internal_error", "invalid_publish_id", "token_not_authorized_for_specified_publish_id"];
    for (code, ..) in errors::API {
        assert_eq!(is_proof(&init, &error(400, code)), !none.contains(code), "{code}");
        assert!(!is_proof(&init, &error(503, code)), "{code}: a gateway passed it on, or did not");
    }
    for unnamed in
        [error(400, "never_heard_of"), reply(400, ""), reply(429, ""), reply(401, ""), reply(200, "{}")]
    {
        assert!(!is_proof(&init, &unnamed), "{unnamed:?}");
    }
    for status in [400, 401, 429] {
        assert!(!is_proof(&upload(10_000_000), &reply(status, "")), "{status}: the video may be whole");
    }
}

#[test]
fn a_response_without_an_envelope_is_ambiguous_and_none_of_its_text_is_stored() {
    let world = World::<TikTok>::public(1000);
    let init = || Step::Init { handle: None, inits: 0 };
    for body in [
        "<html>canary</html>",
        "{\"data\":{\"publish_id\":\"canary",
        "",
        "{}",
        "{\"data\":{},\"error\":{\"code\":\"ok\"}}",
    ] {
        let refused = world.read(init(), &reply(200, body)).unwrap_err();
        assert_eq!(refused.disposition, Disposition::Ambiguous, "{body}");
        assert!(!format!("{refused:?}").contains("canary"));
    }
    let refused = world.read(init(), &error(400, "canary text with spaces")).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.disposition), ("http_400", Disposition::Permanent));
}

#[test]
fn waiting_ends_in_doubt_and_not_in_a_second_post() {
    let world = World::<TikTok>::public(1000);
    let mut step = poll();
    let mut total = Duration::ZERO;
    loop {
        match world.read(step, &ok(&json!({"status": "A_NEW_STATUS"}))).unwrap() {
            Progress::Wait(next, after) => {
                total += after;
                step = next;
            }
            Progress::Doubt(_, code, _) => {
                assert_eq!(code, "still_processing");
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(total >= Duration::from_hours(24) && total < Duration::from_hours(25), "{total:?}");
}

#[test]
fn a_forgotten_publish_id_is_a_doubt() {
    let world = World::<TikTok>::public(1000);
    for step in [poll(), doubted()] {
        let gone = world.read(step, &error(400, "invalid_publish_id"));
        let gone = gone.unwrap_err();
        assert_eq!((gone.code.as_str(), gone.disposition), ("invalid_publish_id", Disposition::Ambiguous));
    }
}

#[test]
fn too_many_posts_hold_for_a_day_and_begin_again() {
    let world = World::<TikTok>::public(1000);
    let refused =
        world.read(Step::Creator { inits: 0 }, &error(200, "spam_risk_too_many_posts")).unwrap_err();
    assert_eq!(
        refused.disposition,
        Disposition::Hold {
            reason: HeldReason::Quota,
            window: Window::For(Duration::from_hours(24)),
            scope: HoldScope::Account,
        }
    );
}

#[test]
fn a_post_id_may_be_a_number_or_a_string_and_may_come_later() {
    let world = World::<TikTok>::public(1000);
    let later =
        world.read(poll(), &ok(&json!({"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": []})));
    let Ok(Progress::Published(Receipt { post_id: None, .. }, Some((find, _)))) = later else { panic!() };
    let named = world.read(
        find,
        &ok(&json!({"status": "PUBLISH_COMPLETE", "publicly_available_post_id": ["76029975171601236"]})),
    );
    let Ok(Progress::Published(receipt, None)) = named else { panic!() };
    assert_eq!(receipt.post_id.as_deref(), Some("76029975171601236"));
}

#[test]
fn a_private_post_is_not_queried_for_an_id_it_never_gets() {
    let world = World::<TikTok>::new(1000, json!({"privacy_level": "SELF_ONLY"}));
    assert!(matches!(
        world.read(poll(), &ok(&json!({"status": "PUBLISH_COMPLETE"}))),
        Ok(Progress::Published(_, None))
    ));
}
