//! The important data in Facebook's responses.

use super::*;
use crate::platform::odd_replies::{self, Sample};

/// Returns the outcome of a step after a response; for a receipt, the post.
fn step(step: fn() -> Step) -> impl Fn(&Reply) -> String {
    let world = World::<Facebook>::vertical();
    move |reply| match world.read(step(), reply) {
        Ok(Progress::Published(receipt, _)) => format!("published {:?}", receipt.post_id),
        Ok(Progress::Restart(_, error)) | Err(error) => error.code,
        other => format!("{other:?}"),
    }
}

fn pages(reply: &Reply) -> String {
    let grant = Grant::new(AccessToken::new("EAAB_canary"));
    let read = Facebook.read_accounts(&World::<Facebook>::vertical().settings, &grant, None, reply);
    read.map_or_else(
        |error| error.code,
        |listed| {
            let pages = listed.accounts.iter();
            pages.flat_map(|page| [page.id.as_str(), " ", page.token.as_ref().unwrap().expose()]).collect()
        },
    )
}

fn person(reply: &Reply) -> String {
    let grant = Facebook.read_introspection(Grant::new(AccessToken::new("EAAB_canary")), reply);
    grant
        .map_or_else(|error| error.code, |grant| format!("{:?} {}", grant.granted_by, grant.scopes.join(" ")))
}

fn token(reply: &Reply) -> String {
    odd_replies::token(&Facebook, reply)
}

pub(in crate::platform) fn samples() -> Vec<Sample> {
    let start = || Step::Start { tries: 0 };
    let piece = || Step::Upload { clip: plain(0, 10_000_000), stalls: 0 };
    let check = || Step::Check { clip: reel(0), stalls: 1, waited: 0 };
    let poll = || watched(Finish::Taken, 0, 0);
    vec![
        REPLIES.sample(&["facebook/TokenReply"], &["/access_token"], "token_short", token),
        REPLIES.sample(
            &["facebook/Person", "facebook/Permissions", "facebook/Permission"],
            &["/id", "/permissions/data"],
            "person",
            person,
        ),
        REPLIES.sample(
            &[
                "facebook/Pages",
                "facebook/Paging",
                "facebook/Cursors",
                "facebook/Page",
                "facebook/Picture",
                "facebook/PictureData",
            ],
            &["/data/0/id", "/data/0/access_token", "/data/0/tasks"],
            "pages_first",
            pages,
        ),
        REPLIES.sample(&["facebook/Started"], &["/video_id", "/upload_url"], "reel_start", step(start)),
        REPLIES.sample(
            &[],
            &["/video_id", "/upload_session_id", "/start_offset", "/end_offset"],
            "video_start",
            step(start),
        ),
        REPLIES.sample(&["facebook/Piece"], &["/start_offset", "/end_offset"], "video_next", step(piece)),
        REPLIES.sample(&["facebook/Finished"], &["/success"], "success", step(|| finish(0))),
        REPLIES.sample(
            &["facebook/Node", "facebook/Status", "facebook/Phase"],
            &["/status/publishing_phase/status", "/status/publishing_phase/publish_status", "/post_id"],
            "published",
            step(poll),
        ),
        REPLIES.sample(
            &["facebook/Cause"],
            &["/status/processing_phase/errors/0/code"],
            "failed",
            step(poll),
        ),
        REPLIES.sample(
            &[],
            &[
                "/status/uploading_phase/bytes_transferred",
                "/status/uploading_phase/status",
                "/status/video_status",
            ],
            "uploading",
            step(check),
        ),
    ]
}
