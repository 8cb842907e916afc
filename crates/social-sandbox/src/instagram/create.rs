//! Creates a container.

use super::PLATFORM;
use super::container::Container;
use super::limits::UploadType;
use crate::address::may_be_pulled;
use crate::clock::DAY;
use crate::meta::{self, Intake, Parameters, Refusal, Source, download, graph, place};
use crate::platforms::Memory;
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};
use url::Url;

/// The longest caption, in characters; hashtags and mentions are counted too.
const LONGEST_CAPTION: usize = 2_200;
const MOST_HASHTAGS: usize = 30;
const MOST_MENTIONS: usize = 20;
const MOST_COLLABORATORS: usize = 3;

const KNOWN: [&str; 13] = [
    "media_type",
    "video_url",
    "upload_type",
    "caption",
    "share_to_feed",
    "cover_url",
    "thumb_offset",
    "is_ai_generated",
    "collaborators",
    "user_tags",
    "location_id",
    "audio_name",
    "trial_params",
];

pub(super) async fn create(
    State(sandbox): State<Sandbox>,
    Path((_, account)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    let (who, usage) = sandbox.read(|state, _| (state.instagram.who(&account), state.instagram.limits.usage));
    let place = place(PLATFORM, &["container"], who);
    let work = async {
        let made = sandbox.change(|state, now| {
            let made = make(&sandbox, state, now, &account, &asked)?;
            for fault in state.faults.take_for_outcome(&place) {
                if let Some(container) = state.instagram.containers.get_mut(&made.0) {
                    container.suffer(fault);
                }
            }
            Ok::<_, Refusal>(made)
        })?;
        download(&sandbox, &made.0);
        Ok(made.1)
    };
    graph(&sandbox, &place, usage.map(|usage| (usage, PLATFORM)), work).await
}

fn make(
    sandbox: &Sandbox,
    state: &mut Memory,
    now: i64,
    account: &str,
    asked: &Parameters,
) -> Result<(String, Value), Refusal> {
    let world = &mut state.instagram;
    world.publisher(asked, &sandbox.settings().apps.instagram, account, now)?;
    asked.only(&KNOWN)?;
    match asked.required("media_type")?.as_str() {
        "REELS" => {}
        _ => return Err(Refusal::new(100, 2_207_023, "The media type is unknown")),
    }
    let source = source(asked, world.limits.upload_type)?;
    let caption = asked.text("caption").unwrap_or_default();
    check_caption(&caption)?;
    let thumb_offset = asked.number("thumb_offset")?;
    if thumb_offset.is_some_and(|offset| offset < 0) {
        return Err(Refusal::new(1, 2_207_057, "Thumbnail offset must be within the video"));
    }
    let cover_url = asked.text("cover_url");
    if cover_url.as_deref().is_some_and(|text| !is_address(text)) {
        return Err(Refusal::new(9004, 2_207_052, "The cover could not be fetched from this URI"));
    }
    let collaborators = asked.list("collaborators")?;
    if collaborators.len() > MOST_COLLABORATORS {
        return Err(Refusal::param("(#100) There are more than 3 collaborators"));
    }
    let Some(owner) = world.accounts.get_mut(account) else { return Err(Refusal::hidden(account)) };
    owner.containers.retain(|at| *at > now.saturating_sub(DAY));
    if owner.containers.len() >= world.limits.containers_per_day {
        return Err(Refusal::new(9, 2_207_042, "The maximum number of containers has been reached"));
    }
    owner.containers.push_back(now);
    let id = meta::id("1799");
    let container = Container {
        id: id.clone(),
        account: account.into(),
        caption,
        share_to_feed: asked.flag("share_to_feed")?,
        is_ai_generated: asked.flag("is_ai_generated")?.unwrap_or_default(),
        cover_url,
        thumb_offset,
        collaborators,
        created_at: now,
        media_id: None,
        processing_polls: world.limits.processing_polls,
        publish_polls: 0,
        unknown_polls: 0,
        doom: None,
    };
    let mut body = json!({ "id": id });
    if let (Source::Bytes, Value::Object(fields)) = (&source, &mut body) {
        let path = format!("/meta-upload/ig-api-upload/v25.0/{id}");
        fields.insert("uri".into(), sandbox.address(&path).into());
    }
    world.containers.insert(id.clone(), container);
    world.order.push(id.clone());
    state.meta.intakes.insert(id.clone(), Intake::new(account, source));
    Ok((id, body))
}

fn source(asked: &Parameters, upload_type: UploadType) -> Result<Source, Refusal> {
    match (asked.text("video_url"), asked.text("upload_type").as_deref()) {
        (Some(url), None) if is_address(&url) => Ok(Source::Url(url)),
        (Some(_), None) => {
            Err(Refusal::new(9004, 2_207_052, "Only photo or video can be accepted; this URI is neither"))
        }
        (None, Some("resumable")) => match upload_type {
            UploadType::Taken => Ok(Source::Bytes),
            UploadType::Refused => Err(Refusal::param("(#100) Param upload_type is not supported")),
        },
        _ => Err(Refusal::param("(#100) Either video_url or upload_type=resumable is required")),
    }
}

/// Reports whether it is US-ASCII; otherwise the request fails.
fn is_address(text: &str) -> bool {
    text.is_ascii() && Url::parse(text).is_ok_and(|url| may_be_pulled(&url))
}

fn check_caption(caption: &str) -> Result<(), Refusal> {
    let tags = |mark: char| {
        let words = caption.split(|letter: char| letter.is_whitespace());
        words.filter(|word| word.starts_with(mark) && word.len() > 1).count()
    };
    let fits = caption.chars().count() <= LONGEST_CAPTION
        && tags('#') <= MOST_HASHTAGS
        && tags('@') <= MOST_MENTIONS;
    if fits { Ok(()) } else { Err(Refusal::new(36_004, 2_207_010, "The caption was too long")) }
}
