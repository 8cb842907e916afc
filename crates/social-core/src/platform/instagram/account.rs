//! Connecting: Instagram's token replies in all their shapes, and the account behind a token.

use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::errors::PUBLISHING;
use super::{GRAPH, WWW};
use crate::config::PlatformSettings;
use crate::http::{Call, Effect, Reply};
use crate::model::{AccountMetadata, Grant};
use crate::platform::meta::{GraphError, VERSION, oauth_error, read as read_reply};
use crate::platform::{OAuthError, OAuthErrorKind, PlatformError, RemoteAccount, RemoteAccounts, ids};
use crate::secret::AccessToken;

/// What can publish by API.
const PROFESSIONAL: [&str; 2] = ["BUSINESS", "MEDIA_CREATOR"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenReply {
    access_token: String,
    expires_in: Option<u64>,
    permissions: Value,
    /// Instagram's first endpoint hides the same in a list.
    data: Vec<TokenReply>,
}

/// Scopes as a comma-separated text or a list: which of the two it is, Meta's pages leave open.
fn scopes(permissions: &Value) -> Vec<String> {
    let texts: Vec<&str> = match permissions {
        Value::String(text) => text.split([',', ' ']).collect(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    texts.into_iter().filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// The error of the endpoint that takes codes: not Graph's.
#[derive(Deserialize)]
struct FlatError {
    error_type: String,
}

/// Reads the answer of any of the three token endpoints.
pub(super) fn read_grant(reply: &Reply) -> Result<Grant, OAuthError> {
    if let Some(error) = GraphError::of(reply) {
        return Err(oauth_error(&error, reply));
    }
    if reply.json::<FlatError>().is_some_and(|error| !error.error_type.is_empty()) && reply.status < 500 {
        // The code or our client: Instagram's words for both are one.
        return Err(OAuthError { code: "code_refused".to_owned(), kind: OAuthErrorKind::Operator });
    }
    let later = || OAuthError { code: format!("http_{}", reply.status), kind: OAuthErrorKind::Later };
    let body = reply.json::<TokenReply>().ok_or_else(later)?;
    let body = if body.access_token.is_empty() { body.data.into_iter().next() } else { Some(body) };
    let body = body.filter(|body| !body.access_token.is_empty()).ok_or_else(later)?;
    Ok(Grant {
        expires_in: body.expires_in.map(Duration::from_secs),
        scopes: scopes(&body.permissions),
        ..Grant::new(AccessToken::new(body.access_token))
    })
}

pub(super) fn call(settings: &PlatformSettings, grant: &Grant) -> Call {
    let fields = "user_id,username,name,account_type,profile_picture_url,followers_count,media_count";
    Call::new(Method::GET, settings.url(GRAPH, &format!("/{{{VERSION}}}/me")), Effect::Read)
        .query(&[("fields", fields)])
        .bearer(&grant.access_token)
        .timeout(Duration::from_secs(10))
}

#[derive(Deserialize)]
struct MeReply {
    #[serde(flatten)]
    me: Me,
    #[serde(default)]
    data: Vec<Me>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Me {
    /// The professional account's id, which paths are made of; `id` is another, for this app alone.
    #[serde(deserialize_with = "ids::id")]
    user_id: Option<String>,
    username: Option<String>,
    name: Option<String>,
    account_type: Option<String>,
    profile_picture_url: Option<String>,
    followers_count: Option<i64>,
    media_count: Option<i64>,
}

/// The account, if it is one that can publish.
pub(super) fn read(settings: &PlatformSettings, reply: &Reply) -> Result<RemoteAccounts, PlatformError> {
    let MeReply { me, data } = read_reply(PUBLISHING, reply)?;
    let me = if me.user_id.is_some() { me } else { data.into_iter().next().unwrap_or_default() };
    let Some(id) = me.user_id else { return Err(PlatformError::unreadable(reply)) };
    let can_publish = me.account_type.as_deref().is_none_or(|kind| PROFESSIONAL.contains(&kind));
    if !can_publish {
        return Ok(RemoteAccounts::default());
    }
    let profile_url = me.username.as_ref().map(|name| settings.url(WWW, &format!("/{name}")).to_string());
    let metadata = AccountMetadata {
        display_name: me.name,
        avatar_url: me.profile_picture_url,
        follower_count: me.followers_count,
        video_count: me.media_count,
        profile_url,
        ..AccountMetadata::default()
    };
    Ok(RemoteAccount { id, username: me.username, metadata, token: None }.into())
}
