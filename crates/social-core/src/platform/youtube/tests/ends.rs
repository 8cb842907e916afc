//! The ends of an upload: expired sessions, final statuses, quotas.

use super::*;

#[test]
fn an_expired_session_without_its_last_byte_starts_again() {
    let world = World::<YouTube>::new(SIZE);
    for status in [404, 410] {
        for step in [Step::Upload(upload(CHUNK)), Step::Ask(upload(CHUNK))] {
            let Ok(Progress::Restart(Step::Open { opens: 1 }, error)) =
                world.read(step, &reply(status, "Not Found"))
            else {
                panic!()
            };
            assert_eq!(error.disposition, Disposition::Retry { after: None });
        }
    }
    let third = Upload { session: Session { opens: 3, ..session() }, ..upload(CHUNK) };
    let Ok(Progress::Restart(_, error)) = world.read(Step::Upload(third), &reply(404, "")) else { panic!() };
    assert_eq!((error.code.as_str(), error.disposition), ("upload_session_lost", Disposition::Permanent));
}

/// Returns the step after a session expired whose last byte was sent.
fn lost(world: &World<YouTube>) -> Step {
    let ask = YouTube.reconcile(&Step::Upload(upload(2 * CHUNK)), None).unwrap();
    let search = world.next(ask, &reply(404, ""));
    assert!(matches!(search, Step::Search { waited: 0, .. }) && YouTube.shows(&search).committed);
    search
}

fn candidates(items: &Value) -> Reply {
    reply(200, json!({ "items": items }).to_string())
}

fn ours() -> Value {
    json!({
        "id": "dQdemo00001", "snippet": {"title": "Launch day", "description": "hello"},
        "status": {"uploadStatus": "uploaded"}, "fileDetails": {"fileName": "unknown", "fileSize": "20000000"},
    })
}

#[test]
fn an_expired_session_with_its_last_byte_is_searched_among_the_uploads() {
    let mut world = World::<YouTube>::new(SIZE);
    let search = lost(&world);
    assert!(world.call(&search).url.query().unwrap().contains("playlistId=UUdemo000000000000000001"));
    world.metadata.own.insert("uploadsPlaylistId".into(), "UUtold".into());
    assert!(world.call(&search).url.query().unwrap().contains("playlistId=UUtold"));
    let compare = world.next(search, &reply(200, UPLOADS));
    assert!(
        matches!(&compare, Step::Compare { ids, .. } if *ids == ["dQdemo00001"]),
        "what is older is not ours"
    );
    let (poll, _) = world.wait(compare, &candidates(&json!([ours()])));
    assert_eq!(YouTube.shows(&poll).publish_id.as_deref(), Some("dQdemo00001"));
}

#[test]
fn only_what_is_surely_ours_is_taken_for_it() {
    let world = World::<YouTube>::new(SIZE);
    let compare = world.next(lost(&world), &reply(200, UPLOADS));
    let mut named = ours();
    named["snippet"]["title"] = json!("Renamed by its owner");
    named["fileDetails"] = json!({"fileName": "post-00000000-0000-0000-0000-000000000000.mp4"});
    world.wait(compare.clone(), &candidates(&json!([named])));
    let mut spaced = ours();
    spaced["snippet"]["title"] = json!(" Launch  day ");
    spaced.as_object_mut().unwrap().remove("fileDetails");
    world.wait(compare.clone(), &candidates(&json!([spaced])));

    let doubt = |items: Value| match world.read(compare.clone(), &candidates(&items)) {
        Ok(Progress::Doubt(_, code, _)) => code,
        other => panic!("{other:?}"),
    };
    let mut same_size = ours();
    same_size["snippet"]["title"] = json!("Something else");
    assert_eq!(doubt(json!([same_size])), "upload_may_match");
    assert_eq!(doubt(json!([ours(), ours()])), "several_uploads_match");

    let others = || {
        let (mut another_post, mut another_size, mut another) = (ours(), ours(), ours());
        another_post["fileDetails"]["fileName"] = json!("post-11111111-1111-1111-1111-111111111111.mp4");
        another_size["fileDetails"]["fileSize"] = json!("19999999");
        another["snippet"]["title"] = json!("Something else");
        another.as_object_mut().unwrap().remove("fileDetails");
        candidates(&json!([another_post, another_size, another]))
    };
    let (search, after) = world.wait(compare, &others());
    assert!(matches!(search, Step::Search { waited: 30, .. }) && after == 30);
}

#[test]
fn a_video_that_is_missing_after_ten_minutes_starts_again() {
    let world = World::<YouTube>::new(SIZE);
    let (mut step, mut waited) = (lost(&world), 0);
    let error = loop {
        step = match world.read(step, &candidates(&json!([]))) {
            Ok(Progress::Wait(step, after)) => {
                waited += after.as_secs();
                step
            }
            Ok(Progress::Restart(Step::Open { opens: 1 }, error)) => break error,
            other => panic!("{other:?}"),
        };
    };
    assert_eq!((waited, error.code.as_str()), (600, "upload_session_lost"));
    assert_eq!(error.disposition, Disposition::Retry { after: None });
}

#[test]
fn a_days_quota_holds_the_platform_until_midnight_in_california() {
    let world = World::<YouTube>::new(SIZE);
    let error = world.read(Step::Open { opens: 0 }, &reply(403, QUOTA)).unwrap_err();
    let window = Window::UntilMidnight("America/Los_Angeles");
    let (reason, scope) = (HeldReason::Quota, HoldScope::Platform);
    assert_eq!(error.disposition, Disposition::Hold { reason, window, scope });
    let error = world.read(Step::Open { opens: 0 }, &refused(400, "uploadLimitExceeded")).unwrap_err();
    let (window, scope) = (Window::For(Duration::from_hours(24)), HoldScope::Account);
    assert_eq!(error.disposition, Disposition::Hold { reason, window, scope }, "the channel's own cap");
}

#[test]
fn an_error_is_known_by_its_reason_else_by_its_status() {
    let world = World::<YouTube>::new(SIZE);
    let open = |reply: &Reply| world.read(Step::Open { opens: 0 }, reply).unwrap_err();
    for (status, reason, disposition) in [
        (401, "authError", Disposition::RefreshToken),
        (401, "youtubeSignupRequired", Disposition::Reconnect),
        (403, "insufficientPermissions", Disposition::Reconnect),
        (403, "accessNotConfigured", Disposition::Permanent),
        (400, "invalidTitle", Disposition::UserFixable),
        (500, "backendError", Disposition::Ambiguous),
    ] {
        assert_eq!(open(&refused(status, reason)).disposition, disposition, "{reason}");
    }
    let bare = json!({"error": {"code": 401, "status": "UNAUTHENTICATED"}}).to_string();
    assert_eq!(open(&reply(401, &bare)).code, "UNAUTHENTICATED");
    assert_eq!(open(&reply(502, "<html>")).disposition, Disposition::Ambiguous);
    assert_eq!(open(&reply(403, "")).disposition, Disposition::Permanent);
}

#[test]
fn a_rejected_video_ends_with_youtubes_reason() {
    let world = World::<YouTube>::new(SIZE);
    let verdict = |body: &str| match world.read(poll(), &reply(200, body)) {
        Ok(Progress::Restart(_, error)) => (error.code.clone(), error.disposition),
        other => panic!("{other:?}"),
    };
    assert_eq!(verdict(REJECTED), ("duplicate".into(), Disposition::UserFixable));
    let codec = REJECTED
        .replace("rejected", "failed")
        .replace("rejectionReason", "failureReason")
        .replace("duplicate", "codec");
    assert_eq!(verdict(&codec).0, "codec");
    assert_eq!(verdict(&REJECTED.replace("duplicate", "newReason")).0, "newReason");
    assert_eq!(verdict(&REJECTED.replace("duplicate", "<b>x</b>")).0, "unnamed");
    assert_eq!(verdict(&REJECTED.replace("\"rejected\"", "\"deleted\"")).0, "video_deleted");
}

#[test]
fn processing_is_checked_for_a_day() {
    let world = World::<YouTube>::new(SIZE);
    let (mut step, mut asked, mut waited) = (poll(), 0, 5);
    loop {
        step = match world.read(step, &reply(200, PROCESSING.replace("\"uploaded\"", "\"ripening\""))) {
            Ok(Progress::Wait(step, after)) => {
                waited += after.as_secs();
                step
            }
            Ok(Progress::Doubt(_, code, _)) => {
                assert_eq!(code, "still_processing");
                break;
            }
            other => panic!("{other:?}"),
        };
        asked += 1;
    }
    assert!(waited >= 24 * 3_600 && asked < 80, "{asked} times in {waited} s");
}

#[test]
fn a_video_that_is_not_found_was_late_or_is_gone() {
    let world = World::<YouTube>::new(SIZE);
    let nothing = reply(200, r#"{"items": []}"#);
    let until_decided = |mut step: Step| {
        for _ in 0..40 {
            step = match world.read(step, &nothing) {
                Ok(Progress::Wait(step, _)) => step,
                other => return other.unwrap(),
            };
        }
        panic!("it looks for ever")
    };
    let Progress::Doubt(_, code, _) = until_decided(poll()) else { panic!() };
    assert_eq!(code, "video_not_found", "it was never seen, so it may only be late");
    let (seen, _) = world.wait(poll(), &reply(200, PROCESSING));
    let Progress::Restart(_, error) = until_decided(seen) else { panic!() };
    assert_eq!(error.code, "video_deleted");
}
