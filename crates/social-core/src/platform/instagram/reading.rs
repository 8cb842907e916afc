//! Reads Instagram's responses, except the status.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Context;
use super::calls::sends_bytes;
use super::errors::{self, PUBLISHING};
use super::status::{anew, poll};
use super::step::{Step, Task, Upload, begin};
use crate::http::Reply;
use crate::model::Receipt;
use crate::platform::meta::{self, UPLOAD, UPLOAD_HOST, UploadAnswer, quota, read, read_upload};
use crate::platform::{Disposition, PlatformError, Progress, SessionUrl, members};

/// 2 s: the URL of a Reel exists as soon as the Reel is public.
const LOOK: Duration = Duration::from_secs(2);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Quotas {
    data: Vec<Quota>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Quota {
    #[serde(deserialize_with = "members::count")]
    quota_usage: Option<u64>,
    config: Option<QuotaConfig>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct QuotaConfig {
    #[serde(deserialize_with = "members::count")]
    quota_total: Option<u64>,
}

/// Decodes the used and the total quota; `None` if Instagram does not name them.
fn quota_of(reply: &Reply) -> Result<Option<(u64, u64)>, PlatformError> {
    let quota = read::<Quotas>(PUBLISHING, reply)?.data.into_iter().next();
    Ok(quota.and_then(|quota| quota.quota_usage.zip(quota.config?.quota_total)))
}

/// Reports whether the account may publish now, by Instagram's number, never by ours.
pub(super) fn has_room(reply: &Reply) -> Result<bool, PlatformError> {
    Ok(quota_of(reply)?.is_none_or(|(used, total)| used < total))
}

/// Holds the result because the quota is used up; it resumes at `step`.
pub(super) fn full(step: Step, reply: &Reply) -> Progress<Step> {
    let disposition = quota(Duration::from_hours(1));
    let (code, message) = (errors::QUOTA.to_owned(), errors::FULL);
    Progress::Restart(step, PlatformError { code, status: reply.status, disposition, message, log_id: None })
}

/// Returns the data that an account's owner sees before posting.
pub(super) fn options(reply: &Reply) -> Result<Value, PlatformError> {
    let quota = quota_of(reply)?;
    Ok(json!({
        "quota_usage": quota.map(|(used, _)| used),
        "quota_total": quota.map(|(_, total)| total),
    }))
}

const MODE_REFUSED: &str = "Instagram didn't accept the upload from this app. Contact support: INSTAGRAM_UPLOAD_MODE should be set to url.";

#[derive(Debug, Deserialize)]
struct Created {
    #[serde(deserialize_with = "members::id")]
    id: String,
    uri: Option<String>,
}

pub(super) fn created(tries: u8, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
    let created = match read::<Created>(PUBLISHING, reply) {
        Ok(created) => created,
        // Nothing was created. Another container may succeed: a few attempts.
        Err(error) if matches!(error.disposition, Disposition::Retry { .. }) && errors::is_of(&error) => {
            return Ok(anew(tries, error));
        }
        // The caption and the options also go with the other upload mode, which does not reject them.
        Err(error) if sends_bytes(cx) && error.code == "100" => {
            return Err(PlatformError { message: MODE_REFUSED, ..error });
        }
        Err(error) => return Err(error),
    };
    let task = Task { container: created.id, tries, size: cx.publication.video.file.size };
    if !sends_bytes(cx) {
        return Ok(poll(task, None, 0, 0, reply));
    }
    let stand_in = cx.settings.url(UPLOAD, "/");
    let to = created.uri.and_then(|uri| SessionUrl::trusted(&uri, UPLOAD_HOST, &stand_in));
    // A container without an allowed URL stays without a video, so it cannot be published.
    let to = to.ok_or_else(|| PlatformError::unreadable(reply))?;
    Ok(Progress::Next(Step::Upload { task, to, offset: 0, stalls: 0 }))
}

/// Returns the step that queries Meta's byte count after bytes failed again.
pub(super) fn ask(task: &Task, to: &SessionUrl, offset: u64, stalls: u8) -> Step {
    let upload = Upload { to: to.clone(), offset, stalls: stalls.saturating_add(1), uncounted: false };
    Step::Poll { task: task.clone(), upload: Some(upload), waited: 0, hidden: 0 }
}

pub(super) fn uploaded(
    task: Task,
    to: &SessionUrl,
    offset: u64,
    stalls: u8,
    reply: &Reply,
) -> Result<Progress<Step>, PlatformError> {
    match read_upload(reply)? {
        UploadAnswer::Whole => Ok(poll(task, None, 0, 0, reply)),
        UploadAnswer::Ask => Ok(Progress::Next(ask(&task, to, offset, stalls))),
        UploadAnswer::Unusable => Ok(anew(task.tries, meta::code_of(PUBLISHING, "2207053", reply))),
    }
}

/// Decodes the quota directly before publishing.
pub(super) fn allowance(
    task: Task,
    sent: u8,
    reply: &Reply,
    cx: &Context<'_>,
) -> Result<Progress<Step>, PlatformError> {
    if has_room(reply)? {
        return Ok(Progress::Next(Step::Publish { task, sent, since: cx.now.timestamp() }));
    }
    // The container may expire before the quota frees up, so its status is queried first. That does not apply
    // if a call to publish it was lost: its outcome must not be forgotten.
    Ok(full(
        if sent > 0 {
            Step::Allowance { task, sent }
        } else {
            Step::Poll { task, upload: None, waited: 0, hidden: 0 }
        },
        reply,
    ))
}

#[derive(Debug, Deserialize)]
struct Published {
    #[serde(deserialize_with = "members::id")]
    id: String,
}

pub(super) fn published(task: &Task, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let published = read::<Published>(PUBLISHING, reply)?;
    // The id is stored first: the other data must not cost the publication.
    let receipt =
        Receipt { publish_id: Some(task.container.clone()), post_id: Some(published.id.clone()), url: None };
    let find = Step::Find { task: task.clone(), media: published.id };
    Ok(Progress::Published(receipt, Some((find, LOOK))))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Media {
    permalink: Option<String>,
}

/// Stores the Reel's URL; a missing one is no failure.
pub(super) fn found(task: &Task, media: String, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let url = read::<Media>(PUBLISHING, reply)?.permalink;
    let receipt = Receipt { publish_id: Some(task.container.clone()), post_id: Some(media), url };
    Ok(Progress::Published(receipt, None))
}

/// Returns the first step after the quota was read.
pub(super) fn quota_read(tries: u8, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    Ok(if has_room(reply)? { Progress::Next(Step::Create { tries }) } else { full(begin(tries), reply) })
}
