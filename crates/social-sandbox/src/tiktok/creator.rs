//! Creator info, and the rules on who may post.

use super::account::{Account, Interaction, Standing, Visibility};
use super::app::App;
use super::bearer;
use super::envelope::Refusal;
use super::publication::Publication;
use super::user::account;
use super::world::World;
use crate::clock::DAY;
use crate::request::lacks_length;
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde_json::json;

/// The number of creators that an unaudited app may post for in a day.
const UNAUDITED_USERS: usize = 5;

pub(super) async fn query(State(sandbox): State<Sandbox>, headers: HeaderMap) -> Response {
    if let Some(response) = lacks_length(&headers) {
        return response;
    }
    bearer::call(&sandbox, &["creator_info"], &headers, |world, now, caller| {
        let per_minute = world.limits.creator_infos_per_minute;
        world.windows.pass(&caller.token, "creator_info", now, per_minute)?;
        caller.needs(&["video.publish"])?;
        // TikTok returns these with status 200, on purpose.
        world.may_post(&caller.open_id, now, &sandbox.settings().apps.tiktok, 200)?;
        let account = account(world, caller)?;
        let closed = account.visibility == Visibility::Private;
        Ok(json!({
            "creator_avatar_url": sandbox.address(&format!("/tiktok/avatar/{}", account.username)),
            "creator_username": account.username,
            "creator_nickname": account.display_name,
            "privacy_level_options": account.privacy_options(),
            "comment_disabled": account.comments == Interaction::Disabled,
            "duet_disabled": closed || account.duets == Interaction::Disabled,
            "stitch_disabled": closed || account.stitches == Interaction::Disabled,
            "max_video_post_duration_sec": account.longest_video_seconds,
        }))
    })
    .await
}

impl World {
    /// Rejects, with the given status, a creator who cannot post directly now.
    pub(super) fn may_post(
        &mut self,
        open_id: &str,
        now: i64,
        app: &App,
        status: u16,
    ) -> Result<(), Refusal> {
        let message = "Please review our content sharing guidelines.";
        let refuse = |code| Err(Refusal::new(status, code, message));
        let default = if app.audited { usize::MAX } else { UNAUDITED_USERS };
        let cap = self.limits.active_users.unwrap_or(default);
        let active = |account: &&Account| {
            account.recent_posts.back().is_some_and(|(at, _)| *at > now.saturating_sub(DAY))
        };
        if cap < self.accounts.len() {
            let others = self.accounts.values().filter(active).filter(|other| other.open_id != open_id);
            if others.count() >= cap {
                return refuse("reached_active_user_cap");
            }
        }
        let Some(account) = self.accounts.get_mut(open_id) else { return Ok(()) };
        if account.standing == Standing::Banned {
            return refuse("spam_risk_user_banned_from_posting");
        }
        if account.recent_posts.len() >= self.limits.posts_per_day {
            let counts = |id: &String| self.publications.get(id).is_some_and(|post| !post.is_failed());
            account.recent_posts.retain(|(at, id)| *at > now.saturating_sub(DAY) && counts(id));
            if account.recent_posts.len() >= self.limits.posts_per_day {
                return refuse("spam_risk_too_many_posts");
            }
        }
        Ok(())
    }

    /// Rejects a creator with too many unfinished drafts.
    pub(super) fn may_draft(&mut self, open_id: &str, now: i64) -> Result<(), Refusal> {
        let Some(account) = self.accounts.get_mut(open_id) else { return Ok(()) };
        let pending = self.limits.pending_drafts;
        if account.recent_drafts.len() >= pending {
            let counts = |id: &String| self.publications.get(id).is_some_and(Publication::is_pending);
            account.recent_drafts.retain(|(at, id)| *at > now.saturating_sub(DAY) && counts(id));
            if account.recent_drafts.len() >= pending {
                let message = "The creator has too many drafts to finish.";
                return Err(Refusal::new(403, "spam_risk_too_many_pending_share", message));
            }
        }
        Ok(())
    }
}
