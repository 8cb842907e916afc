//! The resumable protocol: opening, chunks, unknown outcomes.

use super::*;
use crate::http::Call;

fn header<'a>(call: &'a Call, name: &str) -> &'a str {
    let found = call.headers.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value.to_str().unwrap())
}

#[test]
fn an_upload_goes_from_the_session_to_the_link_in_the_fewest_calls() {
    let world = World::<YouTube>::new(SIZE);
    let first = YouTube.first(&world.cx().publication, &world.settings);
    assert_eq!(first, Step::Open { opens: 0 });
    let call = world.call(&first);
    assert_eq!(call.effect, Effect::Idempotent, "a session publishes nothing");
    let query: Vec<_> = call.url.query_pairs().into_owned().collect();
    assert_eq!(call.url.path(), "/upload/youtube/v3/videos");
    assert!(query.contains(&("uploadType".into(), "resumable".into())));
    assert!(query.contains(&("part".into(), "snippet,status".into())));
    assert!(query.contains(&("notifySubscribers".into(), "true".into())));
    assert_eq!(header(&call, "x-upload-content-length"), "20000000");
    assert_eq!(header(&call, "x-upload-content-type"), "video/mp4");
    assert_eq!(header(&call, "slug"), "post-00000000-0000-0000-0000-000000000000.mp4");
    let Body::Json(body) = &call.body else { panic!() };
    assert_eq!(
        *body,
        json!({
            "snippet": {"title": "Launch day", "description": "hello", "tags": ["demo", "launch day"]},
            "status": {"privacyStatus": "public", "selfDeclaredMadeForKids": false, "containsSyntheticMedia": true},
        })
    );
    let opened = with(reply(200, ""), "location", address("canary").url().as_str());
    let opened = with(opened, "date", "Tue, 01 Dec 2026 12:00:00 GMT");
    let chunk = world.next(first, &opened);
    assert_eq!(chunk, Step::Upload(upload(0)));
    let call = world.call(&chunk);
    assert_eq!(
        call.effect,
        Effect::Once,
        "YouTube keeps a part of an interrupted chunk, so none is resent without a query"
    );
    assert_eq!(
        (header(&call, "content-range"), header(&call, "content-type")),
        ("bytes 0-8388607/20000000", "video/mp4")
    );
    assert!(call.authorization.is_some());
    let chunk = world.next(chunk, &more(CHUNK));
    let chunk = world.next(chunk, &more(2 * CHUNK));
    let call = world.call(&chunk);
    assert_eq!(header(&call, "content-range"), "bytes 16777216-19999999/20000000");
    let (poll, after) = world.wait(chunk, &reply(201, UPLOADED));
    assert_eq!(after, 5);
    let call = world.call(&poll);
    assert_eq!((call.url.path(), call.effect), ("/youtube/v3/videos", Effect::Read));
    let (poll, after) = world.wait(poll, &reply(200, PROCESSING));
    assert_eq!(after, 10);
    let done = PROCESSING.replace("\"uploaded\"", "\"processed\"");
    let Ok(Progress::Published(receipt, None)) = world.read(poll, &reply(200, &done)) else { panic!() };
    let id = Some("dQdemo00001".to_owned());
    let url = Some("https://www.youtube.com/watch?v=dQdemo00001".to_owned());
    assert_eq!(receipt, Receipt { publish_id: id.clone(), post_id: id, url });
}

#[test]
fn the_next_chunk_begins_where_youtubes_count_ends() {
    let world = World::<YouTube>::new(SIZE);
    // A partial upload, ending inside the chunk.
    let step = world.next(Step::Upload(upload(CHUNK)), &more(CHUNK + 1_048_576));
    let call = world.call(&step);
    assert_eq!(header(&call, "content-range"), "bytes 9437184-17825791/20000000");
    // Nothing has arrived.
    let Step::Upload(again) = world.next(Step::Upload(upload(0)), &reply(308, "")) else { panic!() };
    assert_eq!((again.offset, again.resyncs), (0, 1));
    // YouTube has lost what it had.
    let Step::Upload(again) = world.next(Step::Upload(upload(CHUNK)), &reply(308, "")) else { panic!() };
    assert_eq!((again.offset, again.resyncs), (0, 1));
    for nonsense in ["bytes=5-9", "bytes=0-20000000", "0-9", "bytes=0-"] {
        let reply = with(reply(308, ""), "range", nonsense);
        let error = world.read(Step::Upload(upload(0)), &reply).unwrap_err();
        assert_eq!(error.disposition, Disposition::Ambiguous, "{nonsense}");
    }
}

#[test]
fn an_upload_that_moves_is_followed_to_googles_own_hosts_only() {
    let world = World::<YouTube>::new(SIZE);
    let moved = with(more(CHUNK), "location", address("elsewhere").url().as_str());
    let Step::Upload(next) = world.next(Step::Upload(upload(0)), &moved) else { panic!() };
    assert_eq!(next.to, address("elsewhere"));
    let lured = with(more(CHUNK), "location", "https://googleapis.com.evil.example/x?upload_id=1");
    let Step::Upload(next) = world.next(Step::Upload(upload(0)), &lured) else { panic!() };
    assert_eq!(next.to, address("canary"));
    let opened = with(reply(200, ""), "location", "https://evil.example/");
    assert_eq!(world.read(Step::Open { opens: 0 }, &opened).unwrap_err().disposition, Disposition::Ambiguous);
}

#[test]
fn after_an_unknown_outcome_youtube_is_queried_before_anything_is_resent() {
    let world = World::<YouTube>::new(SIZE);
    let ask = YouTube.reconcile(&Step::Upload(upload(CHUNK)), None).unwrap();
    let call = world.call(&ask);
    assert_eq!((call.effect, header(&call, "content-range")), (Effect::Read, "bytes */20000000"));
    assert!(matches!(call.body, Body::Empty));
    assert!(!YouTube.shows(&ask).committed, "more was to come");
    let Step::Upload(next) = world.next(ask.clone(), &more(CHUNK)) else { panic!() };
    assert_eq!((next.offset, next.resyncs), (CHUNK, 1));
    assert_eq!(YouTube.reconcile(&ask, None), Some(ask));

    // The last chunk: its response was lost, and the query returns it.
    let ask = YouTube.reconcile(&Step::Upload(upload(2 * CHUNK)), None).unwrap();
    assert!(YouTube.shows(&ask).committed);
    let (poll, _) = world.wait(ask.clone(), &reply(200, UPLOADED));
    assert_eq!(YouTube.shows(&poll).publish_id.as_deref(), Some("dQdemo00001"));
    // Half a response counts as none.
    let half = world.read(ask, &reply(200, &UPLOADED[..40])).unwrap_err();
    assert_eq!(half.disposition, Disposition::Ambiguous);
}

#[test]
fn all_bytes_without_a_video_are_queried_again() {
    let world = World::<YouTube>::new(SIZE);
    let (ask, after) = world.wait(Step::Upload(upload(2 * CHUNK)), &more(SIZE));
    assert!(matches!(&ask, Step::Ask(upload) if upload.whole_sent && upload.offset == SIZE));
    assert_eq!(after, 5);
    let mut step = ask;
    for _ in 0..30 {
        step = match world.read(step, &more(SIZE)) {
            Ok(Progress::Wait(step, _)) => step,
            Ok(Progress::Doubt(_, code, _)) => {
                assert_eq!(code, "upload_interrupted");
                return;
            }
            other => panic!("{other:?}"),
        };
    }
    panic!("it asks for ever");
}

#[test]
fn an_upload_without_progress_pauses_longer_and_longer_and_starts_again() {
    let world = World::<YouTube>::new(SIZE);
    let (mut step, mut pauses) = (Step::Upload(upload(0)), Vec::new());
    let (restart, error) = loop {
        let ask = YouTube.reconcile(&step, None).unwrap();
        step = match world.read(ask, &more(0)) {
            Ok(Progress::Next(step)) => step,
            Ok(Progress::Wait(step, after)) => {
                pauses.push(after.as_secs());
                step
            }
            Ok(Progress::Restart(step, error)) => break (step, error),
            other => panic!("{other:?}"),
        };
    };
    assert_eq!(pauses[..7], [5, 10, 20, 40, 80, 160, 320]);
    assert!(pauses.iter().sum::<u64>() > 3_600);
    assert_eq!((restart, error.code.as_str()), (Step::Open { opens: 1 }, "upload_interrupted"));
    assert_eq!(error.disposition, Disposition::Retry { after: None });
    // Once something arrives, the count restarts.
    let late = Upload { resyncs: 15, ..upload(0) };
    let Step::Upload(next) = world.next(Step::Upload(late), &more(262_144)) else { panic!() };
    assert_eq!(next.resyncs, 0);
}

#[test]
fn a_rejected_chunk_is_queried_unless_the_token_or_a_quota_is_the_reason() {
    let world = World::<YouTube>::new(SIZE);
    for (status, reason) in [(400, "badRequest"), (403, "forbidden"), (409, "conflict"), (416, "x")] {
        let step = world.next(Step::Upload(upload(CHUNK)), &refused(status, reason));
        assert!(matches!(step, Step::Ask(Upload { resyncs: 1, .. })), "{reason}: {step:?}");
    }
    let error = world.read(Step::Upload(upload(0)), &refused(401, "authError")).unwrap_err();
    assert_eq!(error.disposition, Disposition::RefreshToken);
    let error = world.read(Step::Upload(upload(0)), &refused(503, "backendError")).unwrap_err();
    assert_eq!(error.disposition, Disposition::Ambiguous);
    // The query repeats a final error.
    let error = world.read(Step::Ask(upload(0)), &refused(403, "forbidden")).unwrap_err();
    assert_eq!(error.disposition, Disposition::Permanent);
}

#[test]
fn a_long_video_first_queries_whether_the_channel_may_publish_it() {
    let world = World::<YouTube>::lasting(SIZE, 15 * 60 + 1);
    let first = YouTube.first(&world.cx().publication, &world.settings);
    assert_eq!(first, Step::Channel);
    assert_eq!(world.call(&first).url.query(), Some("part=status&mine=true"));
    let error = world.read(first.clone(), &reply(200, CHANNEL)).unwrap_err();
    assert_eq!((error.code.as_str(), error.disposition), ("length", Disposition::UserFixable));
    let allowed = reply(200, CHANNEL.replace("eligible", "allowed"));
    assert_eq!(world.next(first, &allowed), Step::Open { opens: 0 });
    let just = World::<YouTube>::lasting(SIZE, 15 * 60);
    assert_eq!(YouTube.first(&just.cx().publication, &just.settings), Step::Open { opens: 0 });
}

#[test]
fn a_step_is_stored_completely_and_prints_no_url() {
    let step = Step::Ask(upload(CHUNK));
    let written = serde_json::to_string(&step).unwrap();
    assert_eq!(serde_json::from_str::<Step>(&written).unwrap(), step);
    let world = World::<YouTube>::new(SIZE);
    let printed = format!("{step:?} {:?}", world.call(&step));
    assert!(!printed.contains("canary"), "{printed}");
}

#[test]
fn a_video_is_private_unless_its_owner_chose_otherwise() {
    let mut world = World::<YouTube>::new(SIZE);
    world.options = Options::default();
    let Body::Json(body) = world.call(&Step::Open { opens: 0 }).body else { panic!() };
    assert_eq!(body["status"]["privacyStatus"], "private");
    world.options = serde_json::from_value(json!({
        "privacyStatus": "private", "selfDeclaredMadeForKids": true, "publishAt": "2026-12-24T18:00:00+01:00",
        "license": "creativeCommon", "embeddable": false, "hasPaidProductPlacement": true,
        "notifySubscribers": false, "categoryId": "10",
    }))
    .unwrap();
    let call = world.call(&Step::Open { opens: 0 });
    let Body::Json(body) = &call.body else { panic!() };
    assert_eq!(body["status"]["publishAt"], "2026-12-24T18:00:00+01:00");
    assert_eq!(body["paidProductPlacementDetails"], json!({"hasPaidProductPlacement": true}));
    assert_eq!((&body["snippet"]["title"], &body["snippet"]["categoryId"]), (&json!("hello"), &json!("10")));
    let query = call.url.query().unwrap();
    assert!(query.contains("paidProductPlacementDetails") && query.contains("notifySubscribers=false"));
}
