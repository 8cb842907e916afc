//! The finish: the point of no return of Reels and plain videos alike.

use super::limits::SecondFinish;
use super::published::Kind;
use super::video::{Finish, Finished};
use crate::clock::DAY;
use crate::meta::{self, Parameters, Refusal, success};
use crate::platforms::Memory;
use serde_json::Value;

/// The longest texts that clients send.
const LONGEST_DESCRIPTION: usize = 63_206;
const LONGEST_TITLE: usize = 255;

/// The parameters of a Reel's finish.
pub(super) const KNOWN: [&str; 9] = [
    "upload_phase",
    "video_id",
    "video_state",
    "description",
    "title",
    "is_ai_generated",
    "place",
    "targeting",
    "feed_targeting",
];

/// Publishes a video whose bytes have arrived, or keeps it as a draft.
pub(super) fn finish(state: &mut Memory, now: i64, id: &str, asked: &Parameters) -> Result<Value, Refusal> {
    if state.meta.intakes.get(id).is_none_or(|intake| intake.arrived.is_none()) {
        let message = "There was a problem uploading your video file. Please try again with another file.";
        return Err(Refusal::new(6000, 1_363_045, message));
    }
    promise(state, now, id, asked)?;
    Ok(success())
}

/// Does the same for a video that may still be downloading.
pub(super) fn promise(state: &mut Memory, now: i64, id: &str, asked: &Parameters) -> Result<(), Refusal> {
    let world = &mut state.facebook;
    let Some(video) = world.videos.get_mut(id) else { return Err(Refusal::hidden(id)) };
    let wanted = match (video.kind, asked.text("video_state").as_deref(), asked.flag("published")?) {
        (Kind::Reel, Some("PUBLISHED"), None) | (Kind::Video, None, None | Some(true)) => Finished::Publish,
        (Kind::Reel, Some("DRAFT"), None) | (Kind::Video, None, Some(false)) => Finished::Draft,
        _ => return Err(Refusal::param("(#100) Param video_state must be one of {DRAFT, PUBLISHED}")),
    };
    let description = asked.text("description").unwrap_or_default();
    let title = asked.text("title");
    if description.chars().count() > LONGEST_DESCRIPTION
        || title.as_ref().is_some_and(|title| title.chars().count() > LONGEST_TITLE)
    {
        return Err(Refusal::param("(#100) The title or the description is too long"));
    }
    if video.finished == Finished::Publish {
        match world.limits.second_finish {
            SecondFinish::Duplicates => {}
            SecondFinish::Ignored => return Ok(()),
            SecondFinish::Refused => return Err(Refusal::param("(#100) The video is finished already")),
        }
    }
    let Some(page) = world.pages.get_mut(&video.page) else { return Err(Refusal::hidden(id)) };
    if video.kind == Kind::Reel && wanted == Finished::Publish {
        page.reels.retain(|at| *at > now.saturating_sub(DAY));
        if page.reels.len() >= world.limits.reels_per_day {
            return Err(Refusal::new(4, 1_390_008, "You are posting too fast. Please try again later."));
        }
        page.reels.push_back(now);
    }
    video.finished = wanted;
    if wanted == Finished::Publish {
        world.finishes.push(Finish {
            video: id.into(),
            post_id: format!("{}_{}", page.id, meta::id("77")),
            title,
            description,
            is_ai_generated: asked.flag("is_ai_generated")?.unwrap_or_default(),
            universal_video_id: asked.text("universal_video_id"),
            at: now,
        });
    }
    Ok(())
}
