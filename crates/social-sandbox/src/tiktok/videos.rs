//! The Display API: a creator's public videos.

use super::bearer;
use super::envelope::{self, Refusal};
use super::grant::Caller;
use super::publication::Publication;
use super::user::{account, fields};
use super::world::World;
use crate::sandbox::Sandbox;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const FIELDS: [&str; 15] = [
    "id",
    "create_time",
    "cover_image_url",
    "share_url",
    "video_description",
    "title",
    "duration",
    "height",
    "width",
    "embed_html",
    "embed_link",
    "like_count",
    "comment_count",
    "share_count",
    "view_count",
];
/// The longest title and description in these responses.
const LONGEST_TITLE: usize = 150;
const MOST: usize = 20;

#[derive(Deserialize)]
struct ListBody {
    cursor: Option<i64>,
    max_count: Option<usize>,
}

#[derive(Deserialize)]
struct QueryBody {
    filters: Filters,
}

#[derive(Deserialize)]
struct Filters {
    video_ids: Vec<String>,
}

pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    bearer::call(&sandbox, &["video_list"], &headers, |world, now, caller| {
        let fields = allowed(world, now, caller, "video_list", query.as_deref())?;
        let ListBody { cursor, max_count } = envelope::body(&headers, &body)?;
        let most = max_count.unwrap_or(10);
        if most == 0 || most > MOST {
            return Err(Refusal::params("Max count must be between 1 and 20"));
        }
        let videos = listed(world, caller)?;
        let mut before = videos.iter().filter(|(at, _)| cursor.is_none_or(|cursor| *at < cursor));
        let page: Vec<_> = before.by_ref().take(most).collect();
        let cursor = page.last().map_or(now, |(at, _)| *at);
        let has_more = before.next().is_some();
        let videos: Vec<Value> =
            page.into_iter().map(|(at, post)| described(&sandbox, world, *at, post, &fields)).collect();
        Ok(json!({ "videos": videos, "cursor": cursor, "has_more": has_more }))
    })
    .await
}

pub(super) async fn query(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    bearer::call(&sandbox, &["video_query"], &headers, |world, now, caller| {
        let fields = allowed(world, now, caller, "video_query", query.as_deref())?;
        let QueryBody { filters: Filters { video_ids } } = envelope::body(&headers, &body)?;
        if video_ids.is_empty() || video_ids.len() > MOST {
            return Err(Refusal::params("Video ids must be between 1 and 20"));
        }
        let wanted = |post: &Publication| post.post_id.is_some_and(|id| video_ids.contains(&id.to_string()));
        let videos = listed(world, caller)?.into_iter().filter(|(_, post)| wanted(post));
        let videos: Vec<Value> =
            videos.map(|(at, post)| described(&sandbox, world, at, post, &fields)).collect();
        Ok(json!({ "videos": videos }))
    })
    .await
}

fn allowed(
    world: &mut World,
    now: i64,
    caller: &Caller,
    endpoint: &'static str,
    query: Option<&str>,
) -> Result<Vec<String>, Refusal> {
    caller.needs(&["video.list"])?;
    let per_minute = world.limits.reads_per_minute;
    world.windows.pass(&caller.token, endpoint, now, per_minute)?;
    let fields = fields(query);
    if fields.is_empty() || !fields.iter().all(|field| FIELDS.contains(&field.as_str())) {
        return Err(Refusal::params("Fields are missing or unknown"));
    }
    Ok(fields)
}

/// Returns the caller's public videos, newest first, with their times.
fn listed<'world>(world: &'world World, caller: &Caller) -> Result<Vec<(i64, &'world Publication)>, Refusal> {
    let ids = account(world, caller)?.publications.iter();
    let posts = ids.filter_map(|id| world.publications.get(id)).filter(|post| post.is_listed());
    let mut posts: Vec<_> = posts.filter_map(|post| Some((post.arrived_at()?, post))).collect();
    posts.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(posts)
}

fn described(sandbox: &Sandbox, world: &World, at: i64, post: &Publication, fields: &[String]) -> Value {
    let id = post.post_id.unwrap_or_default();
    let username = world.accounts.get(&post.open_id).map_or("", |account| account.username.as_str());
    let link = sandbox.address(&format!("/tiktok/@{username}/video/{id}"));
    let title: String = post.caption.chars().take(LONGEST_TITLE).collect();
    let value = |field: &str| match field {
        "id" => json!(id.to_string()),
        "create_time" => json!(at.div_euclid(1_000)),
        "cover_image_url" => json!(sandbox.address(&format!("/tiktok/avatar/{username}"))),
        "share_url" => json!(format!("{link}?utm_campaign=sandbox&utm_source=sandbox")),
        "video_description" | "title" => json!(title),
        "duration" => json!(15),
        "height" => json!(1_920),
        "width" => json!(1_080),
        "embed_html" => json!(""),
        "embed_link" => json!(link),
        _ => json!(0),
    };
    let described: Map<String, Value> = fields.iter().map(|field| (field.clone(), value(field))).collect();
    Value::Object(described)
}
