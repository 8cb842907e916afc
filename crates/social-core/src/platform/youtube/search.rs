//! Handles an expired session whose last byte was sent: finds out whether the channel has the video.

use std::time::Duration;

use super::calls::file_name;
use super::checkpoint::{Session, Step};
use super::options::Context;
use super::processing::begin_polling;
use super::replies::{self, Item, List, Video};
use super::upload::again;
use super::words::{description_of, title_of};
use crate::http::Reply;
use crate::platform::{PlatformError, Progress};

/// Ten minutes, with a check every half minute: by then an upload appears in the channel's list.
const HORIZON: u64 = 10 * 60;
const PAUSE: u64 = 30;
/// Five minutes: the largest difference between two of YouTube's clocks.
const SLACK: chrono::TimeDelta = chrono::TimeDelta::minutes(5);
/// The prefix of our file names; the result's id follows.
const OURS: &str = "post-";

const PERHAPS: &str = "The connection dropped during the final step, and your channel has an upload that may be this video. Check YouTube Studio, then tell us.";
const SEVERAL: &str = "The connection dropped during the final step, and your channel has several uploads like this video. Check YouTube Studio, then tell us.";

/// Decodes the channel's latest uploads, and selects those since the session began.
pub(super) fn read_uploads(
    session: Session,
    waited: u64,
    reply: &Reply,
) -> Result<Progress<Step>, PlatformError> {
    let uploads = replies::read::<List<Item>>(reply)?;
    let since = session.opened_at - SLACK;
    // An upload without a readable time may be ours.
    let is_recent = |item: &Item| item.snippet.published_at.is_none_or(|time| time >= since);
    let recent = uploads.items.into_iter().filter(is_recent);
    let ids: Vec<String> = recent.map(|item| item.content_details.video_id).collect();
    if ids.is_empty() {
        return Ok(look_again(session, waited, reply));
    }
    Ok(Progress::Next(Step::Compare { session, ids, waited }))
}

/// How certain it is that an upload is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    Same,
    Perhaps,
    Other,
}

/// Compares uploads with ours.
pub(super) fn read_candidates(
    session: Session,
    waited: u64,
    reply: &Reply,
    cx: &Context<'_>,
) -> Result<Progress<Step>, PlatformError> {
    let videos = replies::read::<List<Video>>(reply)?.items;
    let mut same = videos.iter().filter(|video| likeness(video, &session, cx) == Likeness::Same);
    let doubt =
        |code, message| Progress::Doubt(Step::Search { session: session.clone(), waited: 0 }, code, message);
    Ok(match (same.next(), same.next()) {
        (Some(video), None) => begin_polling(video.id.clone(), session.opens),
        (Some(_), Some(_)) => doubt("several_uploads_match", SEVERAL),
        (None, _) if videos.iter().any(|video| likeness(video, &session, cx) == Likeness::Perhaps) => {
            doubt("upload_may_match", PERHAPS)
        }
        (None, _) => look_again(session, waited, reply),
    })
}

/// Compares an upload with ours. Only we use this file name. If YouTube does not return the name, title,
/// description and size must match. The size alone is too much for chance and too little for certainty.
fn likeness(video: &Video, session: &Session, cx: &Context<'_>) -> Likeness {
    let publication = &cx.publication;
    match video.file_details.file_name.as_deref() {
        Some(name) if name == file_name(publication) => return Likeness::Same,
        Some(name) if name.starts_with(OURS) => return Likeness::Other,
        Some(_) | None => {}
    }
    let options = publication.options;
    let same_words = one_spaced(&video.snippet.title)
        == one_spaced(&title_of(options.title.as_deref(), publication.title, publication.caption))
        && one_spaced(&video.snippet.description)
            == one_spaced(&description_of(options.description.as_deref(), publication.caption));
    match (same_words, video.file_details.file_size.map(|told| u64::try_from(told) == Ok(session.size))) {
        (true, Some(true) | None) => Likeness::Same,
        (false, Some(true)) => Likeness::Perhaps,
        (_, Some(false)) | (false, None) => Likeness::Other,
    }
}

/// Returns the words with single spaces: YouTube may store other spaces.
fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn look_again(session: Session, waited: u64, reply: &Reply) -> Progress<Step> {
    if waited >= HORIZON {
        return again(session.opens, "upload_session_lost", reply);
    }
    let waited = waited.saturating_add(PAUSE);
    Progress::Wait(Step::Search { session, waited }, Duration::from_secs(PAUSE))
}
