//! The important data in YouTube's responses.

use super::*;
use crate::platform::odd_replies::Sample;

fn sample(
    types: &'static [&'static str],
    essential: &'static [&'static str],
    good: &str,
    read: impl Fn(&Reply) -> String + 'static,
) -> Sample {
    Sample::new(types, essential, good.as_bytes(), read)
}

fn step(step: &Step) -> impl Fn(&Reply) -> String + use<> {
    let world = World::<YouTube>::new(SIZE);
    let written = serde_json::to_string(step).unwrap();
    move |reply| format!("{:?}", world.read(serde_json::from_str(&written).unwrap(), reply))
}

pub(in crate::platform) fn samples() -> Vec<Sample> {
    let account = |reply: &Reply| {
        let grant = Grant::new(AccessToken::new("ya29.canary"));
        let listed = YouTube.read_accounts(&ours(), &grant, None, reply);
        listed.map_or_else(
            |error| error.code,
            |listed| listed.accounts.iter().map(|one| one.id.clone()).collect(),
        )
    };
    let ours = json!({"items": [{"id": "dQdemo00001", "etag": "e1", "snippet": {"title": "hello", "description": "hello"},
        "status": {"uploadStatus": "uploaded"},
        "fileDetails": {"fileName": calls::file_name(&World::<YouTube>::new(SIZE).cx().publication), "fileSize": "20000000"}}]});
    vec![
        sample(
            &[
                "youtube/List",
                "youtube/Channel",
                "youtube/ChannelSnippet",
                "youtube/Thumbnails",
                "youtube/Thumbnail",
                "youtube/ContentDetails",
                "youtube/RelatedPlaylists",
                "youtube/ChannelStatus",
                "youtube/Statistics",
            ],
            &["/items/0/id"],
            CHANNEL,
            account,
        ),
        sample(&[], &["/items/0/status/longUploadsStatus"], CHANNEL, step(&Step::Channel)),
        sample(&["youtube/Video"], &["/id"], UPLOADED, step(&Step::Upload(upload(0)))),
        sample(
            &["youtube/VideoStatus"],
            &["/items/0/id", "/items/0/status/uploadStatus"],
            &PROCESSING.replace("\"uploaded\"", "\"processed\""),
            step(&poll()),
        ),
        sample(
            &["youtube/Item", "youtube/ItemSnippet", "youtube/ItemDetails"],
            &[
                "/items/0/contentDetails/videoId",
                "/items/1/snippet/publishedAt",
                "/items/1/contentDetails/videoId",
            ],
            UPLOADS,
            step(&Step::Search { session: session(), waited: 0 }),
        ),
        sample(
            &["youtube/VideoSnippet", "youtube/FileDetails"],
            &["/items/0/id", "/items/0/fileDetails/fileName"],
            &ours.to_string(),
            step(&Step::Compare { session: session(), ids: vec!["dQdemo00001".into()], waited: 0 }),
        ),
        sample(
            &["youtube/Envelope", "youtube/ErrorBody", "youtube/ErrorItem"],
            &["/error/errors/0/reason"],
            QUOTA,
            |reply| {
                let world = World::<YouTube>::new(SIZE);
                world.read(poll(), &Reply { status: 403, ..reply.clone() }).unwrap_err().code
            },
        ),
    ]
}

#[test]
fn an_upload_whose_time_cannot_be_read_is_looked_at() {
    let world = World::<YouTube>::new(SIZE);
    let odd = reply(200, UPLOADS.replace("2026-11-30T08:00:00Z", "yesterday"));
    let Step::Compare { ids, .. } = world.next(Step::Search { session: session(), waited: 0 }, &odd) else {
        panic!()
    };
    assert_eq!(ids, ["dQdemo00001", "dQdemo00000"]);
}
