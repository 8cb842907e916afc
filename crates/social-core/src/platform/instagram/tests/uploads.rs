//! Bytes that we send, and interrupted uploads.

use super::*;
use crate::platform::instagram::checkpoint::Upload;

fn session() -> SessionUrl {
    let stand_in = url::Url::parse("https://rupload.facebook.com").unwrap();
    let uri = "https://rupload.facebook.com/ig-api-upload/v25.0/17990000000000778";
    SessionUrl::trusted(uri, "rupload.facebook.com", &stand_in).unwrap()
}

fn upload(offset: u64, stalls: u8) -> Step {
    Step::Upload { task: task(), to: session(), offset, stalls }
}

fn counted(bytes: u64) -> Reply {
    let phase = json!({"status": "in_progress", "bytes_transfered": bytes});
    reply(200, json!({"status_code": "IN_PROGRESS", "video_status": {"uploading_phase": phase}}))
}

#[test]
fn the_bytes_go_to_the_address_that_was_returned() {
    let world = World::<Instagram>::new("resumable");
    let create = Step::Create { tries: 0 };
    let Body::Json(body) = world.call(&create).body else { panic!() };
    assert_eq!((&body["upload_type"], body.get("video_url")), (&json!("resumable"), None));
    let Ok(Progress::Next(step)) = world.read(create.clone(), &recorded("container_resumable")) else {
        panic!()
    };
    let call = world.call(&step);
    assert_eq!((call.effect, call.url.host_str()), (Effect::Once, Some("rupload.facebook.com")));
    assert!(matches!(call.authorization, Some(crate::http::Authorization::OAuth(_))), "OAuth, not Bearer");
    let header = |name: &str| {
        let found = call.headers.iter().find(|(known, _)| known == name);
        found.and_then(|(_, value)| value.to_str().ok()).unwrap().to_owned()
    };
    assert_eq!((header("offset"), header("file_size")), ("0".to_owned(), SIZE.to_string()));
    assert!(matches!(call.body, Body::Video { start: 0, end: SIZE }));
    let done = world.read(step, &reply(200, json!({"success": true, "message": "Upload successful."})));
    assert!(matches!(done, Ok(Progress::Wait(Step::Poll { upload: None, .. }, _))));

    let refused = world.read(create.clone(), &error(400, 100, 0)).unwrap_err();
    assert!(refused.message.contains("INSTAGRAM_UPLOAD_MODE"), "{}", refused.message);
    let refused = World::<Instagram>::by_url().read(create.clone(), &error(400, 100, 0)).unwrap_err();
    assert!(!refused.message.contains("INSTAGRAM_UPLOAD_MODE"), "{}", refused.message);

    let elsewhere = json!({"id": "1", "uri": "https://rupload.facebook.com.evil.example/1"});
    let error = world.read(create, &reply(200, &elsewhere)).unwrap_err();
    assert_eq!(error.disposition, Disposition::Ambiguous, "no token goes there");
}

#[test]
fn an_interrupted_upload_resumes_at_the_count_of_the_status() {
    let world = World::<Instagram>::new("resumable");
    let ask = Instagram.reconcile(&upload(0, 0), None).unwrap();
    assert!(world.call(&ask).url.query().unwrap().contains("video_status"));
    let resumed = world.read(ask.clone(), &counted(14_000_000));
    assert_eq!(resumed, Ok(Progress::Next(upload(14_000_000, 0))));
    assert!(matches!(
        world.read(ask.clone(), &counted(SIZE)),
        Ok(Progress::Wait(Step::Poll { upload: None, .. }, _))
    ));
    assert!(matches!(
        world.read(ask.clone(), &recorded("finished")),
        Ok(Progress::Next(Step::Allowance { .. }))
    ));
    // Without a count, the upload may be complete. Another container comes only if this one does not finish
    // on its own.
    for uncounted in [recorded("in_progress"), error(400, 100, 0)] {
        let Ok(Progress::Wait(mut step, mut waited)) = world.read(ask.clone(), &uncounted) else { panic!() };
        assert!(!world.call(&step).url.query().unwrap().contains("video_status"));
        let whole = world.read(step.clone(), &recorded("finished"));
        assert!(matches!(whole, Ok(Progress::Next(Step::Allowance { .. }))));
        let end = loop {
            match world.read(step, &recorded("in_progress")).unwrap() {
                Progress::Wait(next, after) => {
                    waited += after;
                    step = next;
                }
                end => break end,
            }
        };
        assert!(matches!(end, Progress::Restart(Step::Quota { tries: 1 }, _)), "{end:?}");
        assert!(waited >= Duration::from_mins(15), "{waited:?}");
    }
    for kind in ["OffsetInvalidError", "PartialRequestError"] {
        let refused = json!({"debug_info": {"retriable": false, "type": kind, "message": "x"}});
        let asked = world.read(upload(5, 2), &reply(400, &refused));
        let Ok(Progress::Next(Step::Poll { upload: Some(Upload { offset: 5, stalls: 3, .. }), .. })) = asked
        else {
            panic!("{asked:?}")
        };
    }
    let unusable =
        json!({"debug_info": {"retriable": false, "type": "ProcessingFailedError", "message": "x"}});
    assert!(matches!(world.read(upload(0, 0), &reply(400, &unusable)), Ok(Progress::Restart(..))));
}

#[test]
fn an_upload_without_progress_is_retried_more_and_more_slowly_and_starts_again() {
    let world = World::<Instagram>::new("resumable");
    let (mut step, mut waited) = (upload(7, 0), Duration::ZERO);
    loop {
        let ask = Instagram.reconcile(&step, None).unwrap();
        match world.read(ask, &counted(7)).unwrap() {
            Progress::Next(next) => step = next,
            Progress::Wait(next, after) => {
                waited += after;
                step = next;
            }
            Progress::Restart(next, error) => {
                assert_eq!((next, error.code.as_str()), (checkpoint::begin(1), "upload_interrupted"));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(waited > Duration::from_mins(5), "{waited:?}");
    assert!(!is_committed(&upload(7, 3)), "bytes alone publish nothing");
    assert_eq!(Instagram.shows(&upload(7, 3)).bytes_sent, Some(7));
}
