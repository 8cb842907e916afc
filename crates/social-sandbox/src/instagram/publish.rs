//! Publishes a container, returns the quota, and lists what was published.

use super::PLATFORM;
use super::account::Account;
use super::container::Standing;
use super::limits::SecondPublish;
use super::published::Published;
use crate::clock::{DAY, SECOND};
use crate::meta::{self, Parameters, Refusal, graph, place};
use crate::platforms::Memory;
use crate::random;
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

/// The number of media on a page of the list.
const PAGE: usize = 25;

pub(super) async fn publish(
    State(sandbox): State<Sandbox>,
    Path((_, account)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    let (who, usage) = sandbox.read(|state, _| (state.instagram.who(&account), state.instagram.limits.usage));
    let place = place(PLATFORM, &["media_publish"], who);
    let work = async {
        sandbox.change(|state, now| {
            let app = &sandbox.settings().apps.instagram;
            state.instagram.publisher(&asked, app, &account, now)?;
            asked.only(&["creation_id"])?;
            let container = asked.required("creation_id")?;
            Ok(json!({ "id": take(state, now, &account, &container)? }))
        })
    };
    graph(&sandbox, &place, usage.map(|usage| (usage, PLATFORM)), work).await
}

/// Publishes a container, and returns the media's id.
fn take(state: &mut Memory, now: i64, account: &str, id: &str) -> Result<String, Refusal> {
    let intake = state.meta.intakes.get(id);
    let world = &mut state.instagram;
    let unknown = || Refusal::new(24, 2_207_006, "The requested resource does not exist");
    let container =
        world.containers.get(id).filter(|container| container.account == account).ok_or_else(unknown)?;
    if let Some(media_id) = &container.media_id {
        match world.limits.second_publish {
            SecondPublish::Duplicates => {}
            SecondPublish::SameId => return Ok(media_id.clone()),
            SecondPublish::Refused => {
                return Err(Refusal::plain(100, "The container has been published already"));
            }
        }
    } else {
        match container.standing(intake, now, &world.limits) {
            Standing::Finished => {}
            Standing::Expired => return Err(Refusal::new(-2, 2_207_020, "The media has expired")),
            Standing::InProgress | Standing::Error(_) | Standing::Published => {
                return Err(Refusal::new(9007, 2_207_027, "The media is not ready for publishing"));
            }
        }
    }
    let Some(owner) = world.accounts.get_mut(account) else { return Err(Refusal::hidden(account)) };
    if owner.posts_of_the_day(now) >= world.limits.posts_per_day {
        let message = "The maximum number of posts for the day has been reached";
        return Err(Refusal::new(9, 2_207_042, message));
    }
    owner.posts.push_back(now);
    let Some(arrived) = intake.and_then(|intake| intake.arrived.as_ref()) else { return Err(unknown()) };
    let media_id = meta::id("1801");
    let published = Published {
        media_id: media_id.clone(),
        shortcode: random::text(11),
        container_id: id.into(),
        account_id: account.into(),
        username: owner.username.clone(),
        caption: container.caption.clone(),
        share_to_feed: container.share_to_feed,
        is_ai_generated: container.is_ai_generated,
        cover_url: container.cover_url.clone(),
        thumb_offset: container.thumb_offset,
        collaborators: container.collaborators.clone(),
        sha256: arrived.sha256.clone(),
        size: arrived.size,
        at: now,
    };
    world.published.push(published);
    let publish_polls = world.limits.publish_polls;
    if let Some(container) = world.containers.get_mut(id) {
        container.media_id.get_or_insert_with(|| media_id.clone());
        container.publish_polls = publish_polls;
    }
    Ok(media_id)
}

impl Account {
    /// Returns how many were published in the last 24 hours.
    fn posts_of_the_day(&mut self, now: i64) -> usize {
        self.posts.retain(|at| *at > now.saturating_sub(DAY));
        self.posts.len()
    }
}

pub(super) async fn quota(
    State(sandbox): State<Sandbox>,
    Path((_, account)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    let (who, usage) = sandbox.read(|state, _| (state.instagram.who(&account), state.instagram.limits.usage));
    let place = place(PLATFORM, &["quota"], who);
    let work = async {
        sandbox.change(|state, now| {
            let world = &mut state.instagram;
            world.publisher(&asked, &sandbox.settings().apps.instagram, &account, now)?;
            asked.only(&["since"])?;
            if asked
                .number("since")?
                .is_some_and(|since| since.saturating_mul(SECOND) < now.saturating_sub(DAY))
            {
                return Err(Refusal::param("(#100) Param since must be within the last 24 hours"));
            }
            let total = world.limits.posts_per_day;
            let Some(owner) = world.accounts.get_mut(&account) else { return Err(Refusal::hidden(&account)) };
            let mut wanted = asked.fields();
            if wanted.is_empty() {
                wanted.push("quota_usage".into());
            }
            let mut entry = Map::new();
            for name in wanted {
                let value = match name.as_str() {
                    "quota_usage" => json!(owner.posts_of_the_day(now)),
                    "config" => json!({ "quota_total": total, "quota_duration": 86_400 }),
                    _ => return Err(Refusal::no_such_field(&name)),
                };
                entry.insert(name, value);
            }
            Ok(json!({ "data": [entry] }))
        })
    };
    graph(&sandbox, &place, usage.map(|usage| (usage, PLATFORM)), work).await
}

/// Lists the account's media, newest first.
pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    Path((_, account)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    let (who, usage) = sandbox.read(|state, _| (state.instagram.who(&account), state.instagram.limits.usage));
    let place = place(PLATFORM, &["media_list"], who);
    let work = async {
        sandbox.read(|state, now| {
            let world = &state.instagram;
            let caller = asked.caller(&world.grants, &sandbox.settings().apps.instagram, now)?;
            if caller.token.user != account {
                return Err(Refusal::hidden(&account));
            }
            asked.only(&["since", "until"])?;
            let second = |name| Ok(asked.number(name)?.map(|second| second.saturating_mul(SECOND)));
            let (since, until) = (second("since")?, second("until")?);
            let limit = asked.number("limit")?.and_then(|limit| limit.try_into().ok()).unwrap_or(PAGE);
            let inside = |one: &&Published| {
                one.account_id == account
                    && since.is_none_or(|since| one.at >= since)
                    && until.is_none_or(|until| one.at <= until)
            };
            let wanted = asked.fields_or(&["id"]);
            let all = world.published.iter().rev().filter(inside);
            let shown = all.clone().take(limit).map(|one| one.fields(&sandbox, &wanted));
            let data: Vec<Value> = shown.collect::<Result<_, Refusal>>()?;
            let cursors = json!({ "before": "QVFI", "after": "QVFI" });
            Ok(asked.list_of(data, Map::from_iter([("cursors".into(), cursors)]), all.count()))
        })
    };
    graph(&sandbox, &place, usage.map(|usage| (usage, PLATFORM)), work).await
}
