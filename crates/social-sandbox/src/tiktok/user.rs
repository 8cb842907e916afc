//! User info: only the requested fields, and only those the scopes allow.

use super::account::Account;
use super::bearer;
use super::envelope::Refusal;
use super::grant::Caller;
use super::world::World;
use crate::sandbox::Sandbox;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use serde_json::{Map, Value, json};

/// The scope of each field.
const FIELDS: [(&str, &str); 14] = [
    ("open_id", "user.info.basic"),
    ("union_id", "user.info.basic"),
    ("avatar_url", "user.info.basic"),
    ("avatar_url_100", "user.info.basic"),
    ("avatar_large_url", "user.info.basic"),
    ("display_name", "user.info.basic"),
    ("bio_description", "user.info.profile"),
    ("profile_deep_link", "user.info.profile"),
    ("is_verified", "user.info.profile"),
    ("username", "user.info.profile"),
    ("follower_count", "user.info.stats"),
    ("following_count", "user.info.stats"),
    ("likes_count", "user.info.stats"),
    ("video_count", "user.info.stats"),
];

pub(super) async fn info(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let fields = fields(query.as_deref());
    bearer::call(&sandbox, &["user_info"], &headers, |world, now, caller| {
        let per_minute = world.limits.reads_per_minute;
        world.windows.pass(&caller.token, "user_info", now, per_minute)?;
        caller.needs(&["user.info.basic"])?;
        let account = account(world, caller)?;
        let mut user = Map::new();
        for field in &fields {
            let Some((_, scope)) = FIELDS.iter().find(|(name, _)| name == field) else {
                return Err(Refusal::params("A field is unknown"));
            };
            if !caller.has(scope) {
                let message = "The user did not authorize a scope required for the fields.";
                return Err(Refusal::new(400, "scope_permission_missed", message));
            }
            user.insert(field.clone(), value(&sandbox, world, account, field));
        }
        if user.is_empty() {
            return Err(Refusal::params("Fields is required"));
        }
        Ok(json!({ "user": user }))
    })
    .await
}

/// Returns the comma-separated `fields` of a query.
pub(super) fn fields(query: Option<&str>) -> Vec<String> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let list = pairs.find(|(name, _)| name == "fields").map(|(_, value)| value).unwrap_or_default();
    list.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned).collect()
}

/// Returns the caller's account.
pub(super) fn account<'world>(world: &'world World, caller: &Caller) -> Result<&'world Account, Refusal> {
    let message = "The access token is invalid or not found in the request.";
    world.accounts.get(&caller.open_id).ok_or_else(|| Refusal::new(401, "access_token_invalid", message))
}

fn value(sandbox: &Sandbox, world: &World, account: &Account, field: &str) -> Value {
    match field {
        "open_id" => json!(account.open_id),
        "union_id" => json!(account.union_id),
        "avatar_url" | "avatar_url_100" | "avatar_large_url" => {
            json!(sandbox.address(&format!("/tiktok/avatar/{}", account.username)))
        }
        "display_name" => json!(account.display_name),
        "bio_description" => json!(account.bio),
        "profile_deep_link" => json!(sandbox.address(&format!("/tiktok/@{}", account.username))),
        "is_verified" => json!(false),
        "username" => json!(account.username),
        "follower_count" => json!(account.followers),
        "following_count" => json!(account.following),
        "likes_count" => json!(account.likes),
        "video_count" => json!(account.videos.saturating_add(world.public_posts(account))),
        _ => Value::Null,
    }
}

impl World {
    /// Returns how many public posts the account has published here.
    pub(super) fn public_posts(&self, account: &Account) -> i64 {
        let ids = account.publications.iter();
        let public = ids.filter_map(|id| self.publications.get(id)).filter(|post| post.is_public()).count();
        i64::try_from(public).unwrap_or(i64::MAX)
    }
}
