//! Uploads of bytes, and interruptions.

use super::*;
use crate::http::{Authorization, VideoPart};

fn upload(clip: Clip, stalls: u8) -> Step {
    Step::Upload { clip, stalls }
}

#[test]
fn a_reels_bytes_go_to_the_address_that_was_returned() {
    let world = World::<Facebook>::vertical();
    let call = world.call(&upload(reel(7), 0));
    assert_eq!((call.effect, call.url.host_str()), (Effect::Once, Some("rupload.facebook.com")));
    assert!(matches!(call.authorization, Some(Authorization::OAuth(_))) && call.url.query().is_none());
    assert!(matches!(call.body, Body::Video { start: 7, end: SIZE }), "all that is missing, and no less");
    let offset =
        call.headers.iter().find(|(name, _)| name == "offset").unwrap().1.to_str().unwrap().to_owned();
    assert_eq!(offset, "7");
    let elsewhere = json!({"video_id": "1", "upload_url": "http://rupload.facebook.com/1"});
    let error = world.read(Step::Start { tries: 0 }, &reply(200, &elsewhere)).unwrap_err();
    assert_eq!(error.disposition, Disposition::Ambiguous, "no token goes there");
}

#[test]
fn an_interrupted_upload_resumes_at_the_count_of_the_status() {
    let world = World::<Facebook>::vertical();
    let ask = Facebook.reconcile(&upload(reel(0), 0), None).unwrap();
    assert_eq!(ask, Step::Check { clip: reel(0), stalls: 1, waited: 0 });
    for name in ["uploading", "uploading_documents"] {
        let resumed = world.read(ask.clone(), &recorded(name));
        assert_eq!(resumed, Ok(Progress::Next(upload(reel(14_000_000), 0))), "{name}");
    }
    // Nothing new arrived: the same offset again, counted.
    let ask = Facebook.reconcile(&upload(reel(14_000_000), 4), None).unwrap();
    let Ok(Progress::Wait(Step::Upload { stalls: 5, .. }, after)) = world.read(ask, &recorded("uploading"))
    else {
        panic!()
    };
    assert_eq!(after, Duration::from_secs(40));
    let stuck = Step::Check { clip: reel(14_000_000), stalls: 20, waited: 0 };
    let Ok(Progress::Restart(Step::Start { tries: 1 }, _)) = world.read(stuck, &recorded("uploading")) else {
        panic!()
    };
    for kind in ["OffsetInvalidError", "PartialRequestError", "NotAuthorizedError"] {
        let refused = json!({"debug_info": {"retriable": false, "type": kind, "message": "x"}});
        let next = world.read(upload(reel(5), 2), &reply(400, &refused));
        assert!(matches!(next, Ok(Progress::Next(Step::Check { stalls: 3, .. }))), "{kind}");
    }
}

#[test]
fn a_count_may_lag_behind_an_upload_that_was_whole() {
    let world = World::<Facebook>::vertical();
    let Ok(Progress::Next(check)) = world.read(upload(reel(0), 0), &recorded("success")) else { panic!() };
    let (mut step, mut waited) = (check, Duration::ZERO);
    let end = loop {
        match world.read(step, &recorded("uploading")).unwrap() {
            Progress::Wait(next, after) => {
                waited += after;
                step = next;
            }
            end => break end,
        }
    };
    assert_eq!((end, waited), (Progress::Next(upload(reel(14_000_000), 1)), Duration::from_mins(1)));
}

#[test]
fn an_upload_that_failed_or_expired_starts_again_once() {
    let world = World::<Facebook>::vertical();
    for name in ["expired", "failed_documents"] {
        let check = |tries| Step::Check { clip: Clip { tries, ..reel(0) }, stalls: 0, waited: 0 };
        let Ok(Progress::Restart(Step::Start { tries: 1 }, error)) = world.read(check(0), &recorded(name))
        else {
            panic!("{name}")
        };
        let again = matches!(error.disposition, Disposition::Retry { .. });
        assert_eq!(again, name == "expired", "a video that cannot be processed does no better twice");
        let Ok(Progress::Restart(_, error)) = world.read(check(1), &recorded(name)) else { panic!() };
        assert!(!matches!(error.disposition, Disposition::Retry { .. }), "{name}");
    }
    let unusable =
        json!({"debug_info": {"retriable": false, "type": "ProcessingFailedError", "message": "x"}});
    let anew = world.read(upload(reel(0), 0), &reply(400, &unusable));
    assert!(matches!(anew, Ok(Progress::Restart(Step::Start { tries: 1 }, _))));
    let hidden = world.read(Step::Check { clip: reel(0), stalls: 0, waited: 0 }, &error(400, 100, 33));
    assert!(matches!(hidden, Ok(Progress::Wait(Step::Check { .. }, _))));
}

#[test]
fn a_plain_video_is_sent_in_the_requested_pieces() {
    let world = World::<Facebook>::landscape();
    let Ok(Progress::Next(first)) = world.read(Step::Start { tries: 0 }, &recorded("video_start")) else {
        panic!()
    };
    assert_eq!(first, upload(plain(0, 10_000_000), 0));
    let call = world.call(&first);
    assert!(call.effect == Effect::Once && call.url.path().ends_with("/104000000000001/videos"));
    let Body::VideoPart(VideoPart { fields, name, boundary, start, end }) = call.body else { panic!() };
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.expose())).collect();
    assert_eq!(
        fields,
        [("upload_phase", "transfer"), ("upload_session_id", "550000000000456"), ("start_offset", "0")]
    );
    assert_eq!((name, start, end, boundary.len()), ("video_file_chunk", 0, 10_000_000, 64));
    let Ok(Progress::Next(second)) = world.read(first.clone(), &recorded("video_next")) else { panic!() };
    assert_eq!(second, upload(plain(10_000_000, 20_000_000), 0));
    let Body::VideoPart(part) = world.call(&second).body else { panic!() };
    assert_ne!(part.boundary, boundary, "the video's author cannot predict it");
    let whole = world.read(second.clone(), &recorded("video_all"));
    assert!(matches!(whole, Ok(Progress::Next(Step::Finish { sent: 0, .. }))));

    // The piece had arrived all the same: the error response names the next expected one.
    let next = json!({"start_offset": "10000000", "end_offset": "20000000"});
    let refused = json!({"error": {"code": 6001, "error_subcode": 1_363_037, "error_data": next}});
    assert_eq!(world.read(first.clone(), &reply(400, &refused)), Ok(Progress::Next(second)));
    let asked = world.read(first.clone(), &error(400, 6001, 1_363_037));
    let Ok(Progress::Next(check)) = asked else { panic!("{asked:?}") };
    let resumed = world.read(check, &recorded("uploading"));
    assert_eq!(resumed, Ok(Progress::Next(upload(plain(14_000_000, 24_000_000), 0))));
    assert_eq!(world.read(first, &error(400, 190, 460)).unwrap_err().disposition, Disposition::Reconnect);
}
