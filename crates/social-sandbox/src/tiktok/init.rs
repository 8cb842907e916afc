//! The two inits: a direct post, and a draft for the inbox.

use super::bearer::place;
use super::envelope::{self, Refusal};
use super::grant::Caller;
use super::notice::Notice;
use super::publication::{Mode, Phase, Publication};
use super::source::{MOST, Source, SourceInfo};
use super::upload::Upload;
use super::user::account;
use super::webhook::announce;
use super::world::World;
use crate::place::Place;
use crate::platforms::Memory;
use crate::pull::pull;
use crate::request::{self, lacks_length};
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

/// The longest caption, in UTF-16 code units.
const LONGEST_CAPTION: usize = 2_200;
const PRIVACY_LEVELS: [&str; 4] =
    ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"];

#[derive(Deserialize)]
struct DirectInit {
    post_info: PostInfo,
    source_info: SourceInfo,
}

#[derive(Deserialize)]
struct InboxInit {
    source_info: SourceInfo,
}

/// The fields that TikTok reads; only the types of the others are checked.
#[derive(Deserialize)]
#[expect(dead_code, reason = "the types of the fields are part of what is checked")]
struct PostInfo {
    privacy_level: Option<String>,
    title: Option<String>,
    disable_duet: Option<bool>,
    disable_stitch: Option<bool>,
    disable_comment: Option<bool>,
    video_cover_timestamp_ms: Option<i32>,
    brand_content_toggle: Option<bool>,
    brand_organic_toggle: Option<bool>,
    is_aigc: Option<bool>,
}

pub(super) async fn video(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    start(&sandbox, &headers, &body, Mode::Direct).await
}

pub(super) async fn inbox(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    start(&sandbox, &headers, &body, Mode::Inbox).await
}

async fn start(sandbox: &Sandbox, headers: &HeaderMap, body: &Bytes, mode: Mode) -> Response {
    if let Some(response) = lacks_length(headers) {
        return response;
    }
    let names = match mode {
        Mode::Direct => ["video_init", "init"],
        Mode::Inbox => ["inbox_init", "init"],
    };
    let place = place(sandbox, &names, headers);
    let answer = async {
        let begun = sandbox.change(|state, now| {
            let caller = state.tiktok.caller(request::bearer(headers), now)?;
            let allowed = state.tiktok.inits_allowed(now, &caller, mode);
            let publication = allowed.and_then(|()| match mode {
                Mode::Direct => direct(sandbox, &mut state.tiktok, now, &caller, headers, body),
                Mode::Inbox => draft(sandbox, &mut state.tiktok, now, &caller, headers, body),
            })?;
            Ok(begin(sandbox, state, now, publication, &place))
        });
        if let Ok((publish_id, _)) = &begun {
            download(sandbox, publish_id);
        }
        envelope::reply(begun.map(|(_, data)| data))
    };
    sandbox.answer(&place, envelope::refuse, answer).await
}

fn direct(
    sandbox: &Sandbox,
    world: &mut World,
    now: i64,
    caller: &Caller,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Publication, Refusal> {
    let app = &sandbox.settings().apps.tiktok;
    let DirectInit { post_info, source_info } = envelope::body(headers, body)?;
    let Some(privacy) = post_info.privacy_level else {
        return Err(Refusal::params("The privacy level is missing"));
    };
    if !PRIVACY_LEVELS.contains(&privacy.as_str()) {
        return Err(Refusal::params("The privacy level is unknown"));
    }
    let caption = post_info.title.unwrap_or_default();
    if caption.encode_utf16().count() > LONGEST_CAPTION {
        return Err(Refusal::params("The title is longer than 2200 UTF-16 code units"));
    }
    let alone = privacy == "SELF_ONLY";
    if post_info.brand_content_toggle == Some(true) && alone {
        return Err(Refusal::params("Branded content visibility cannot be set to private"));
    }
    let source = source_info.check(app)?;
    let account = account(world, caller)?;
    let closed = account.visibility == super::Visibility::Private;
    let offered = account.privacy_options().contains(&privacy.as_str());
    let kept_private = closed && alone;
    if !app.audited && !kept_private {
        let message = "Please review our integration guidelines.";
        return Err(Refusal::new(403, "unaudited_client_can_only_post_to_private_accounts", message));
    }
    if !offered {
        let message = "The privacy level is not one of the creator's options.";
        return Err(Refusal::new(403, "privacy_level_option_mismatch", message));
    }
    world.may_post(&caller.open_id, now, app, 403)?;
    let mut publication = new(world, &caller.open_id, Mode::Direct, source);
    publication.caption = caption;
    publication.privacy = Some(privacy);
    publication.is_aigc = post_info.is_aigc.unwrap_or_default();
    Ok(publication)
}

fn draft(
    sandbox: &Sandbox,
    world: &mut World,
    now: i64,
    caller: &Caller,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Publication, Refusal> {
    let InboxInit { source_info } = envelope::body(headers, body)?;
    let source = source_info.check(&sandbox.settings().apps.tiktok)?;
    world.may_draft(&caller.open_id, now)?;
    Ok(new(world, &caller.open_id, Mode::Inbox, source))
}

fn new(world: &World, open_id: &str, mode: Mode, source: Source) -> Publication {
    let id = world.fresh_id().to_string();
    let prefix = match (mode, &source) {
        (Mode::Direct, Source::File(_)) => "v_pub_file~v2-1",
        (Mode::Direct, Source::Url(_)) => "v_pub_url~v2-1",
        (Mode::Inbox, Source::File(_)) => "v_inbox_file~v2",
        (Mode::Inbox, Source::Url(_)) => "v_inbox_url~v2",
    };
    Publication::new(format!("{prefix}.{id}"), id, open_id, mode, source)
}

/// Adds the publication to the state. Returns its id and the init's response.
fn begin(
    sandbox: &Sandbox,
    state: &mut Memory,
    now: i64,
    mut publication: Publication,
    place: &Place,
) -> (String, Value) {
    for fault in state.faults.take_for_outcome(place) {
        publication.suffer(fault);
    }
    let world = &mut state.tiktok;
    let publish_id = publication.publish_id.clone();
    let mut data = json!({ "publish_id": publish_id });
    if let Source::File(_) = publication.source {
        let upload = Upload::new(now, &world.limits);
        let query = format!("upload_id={}&upload_token={}", publication.video, upload.token);
        if let Value::Object(fields) = &mut data {
            fields.insert("upload_url".into(), sandbox.address(&format!("/tiktok/upload/?{query}")).into());
        }
        publication.upload = Some(upload);
        world.uploads.insert(publication.video.clone(), publish_id.clone());
    }
    if let Some(account) = world.accounts.get_mut(&publication.open_id) {
        account.publications.push(publish_id.clone());
        match publication.mode {
            Mode::Direct => account.recent_posts.push_back((now, publish_id.clone())),
            Mode::Inbox => account.recent_drafts.push_back((now, publish_id.clone())),
        }
    }
    world.order.push(publish_id.clone());
    world.publications.insert(publish_id.clone(), publication);
    (publish_id, data)
}

impl World {
    fn inits_allowed(&mut self, now: i64, caller: &Caller, mode: Mode) -> Result<(), Refusal> {
        let per_minute = self.limits.inits_per_minute;
        let (endpoint, scope) = match mode {
            Mode::Direct => ("video_init", "video.publish"),
            Mode::Inbox => ("inbox_init", "video.upload"),
        };
        caller.needs(&[scope])?;
        self.windows.pass(&caller.token, endpoint, now, per_minute)
    }
}

/// Starts the download of a waiting publication.
fn download(sandbox: &Sandbox, publish_id: &str) {
    let found = sandbox.read(|state, _| {
        let publication = state.tiktok.publications.get(publish_id)?;
        match (&publication.source, &publication.phase) {
            (Source::Url(url), Phase::Pulling) => Some((publication.video.clone(), url.clone())),
            _ => None,
        }
    });
    let Some((video, url)) = found else { return };
    let (sandbox, publish_id) = (sandbox.clone(), publish_id.to_owned());
    tokio::spawn(async move {
        let progress = |bytes| sandbox.change(|state, _| state.tiktok.pulled(&publish_id, bytes));
        let result = pull(&sandbox, &video, &url, MOST, progress).await;
        let notice = sandbox.change(|state, now| match result {
            Ok(file) => {
                if state.tiktok.pulled(&publish_id, file.size) {
                    state.tiktok.arrive(&publish_id, now, file.size, file.sha256, &file.taken);
                }
                None
            }
            Err(error) => {
                tracing::debug!(%error, "a download failed");
                state.tiktok.not_pulled(&publish_id)
            }
        });
        announce(&sandbox, notice.into_iter().collect());
        sandbox.moved().notify_waiters();
        if let Err(error) = sandbox.keep().await {
            tracing::error!(%error, "the sandbox could not save its state");
        }
    });
}

/// Resumes the downloads of an earlier sandbox.
pub(crate) fn resume(sandbox: &Sandbox) {
    let waiting: Vec<String> = sandbox.read(|state, _| {
        let all = state.tiktok.publications.values();
        all.filter(|one| one.phase == Phase::Pulling).map(|one| one.publish_id.clone()).collect()
    });
    for publish_id in waiting {
        download(sandbox, &publish_id);
    }
}

impl World {
    /// Records the progress of a download. Returns whether it is still needed.
    fn pulled(&mut self, publish_id: &str, bytes: u64) -> bool {
        match self.publications.get_mut(publish_id) {
            Some(publication) if publication.phase == Phase::Pulling => {
                publication.pulled = bytes;
                true
            }
            Some(_) | None => false,
        }
    }

    fn not_pulled(&mut self, publish_id: &str) -> Option<Notice> {
        let publication = self.publications.get_mut(publish_id)?;
        (publication.phase == Phase::Pulling).then(|| publication.fail("video_pull_failed"))
    }
}
