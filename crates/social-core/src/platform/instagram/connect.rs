//! Connects accounts: Instagram's token responses in all their shapes, and the account of a token.

use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::calls::quota_call;
use super::errors::PUBLISHING;
use super::facts::{FACTS, GRAPH, Instagram, WWW};
use super::replies::quota_of;
use crate::config::PlatformSettings;
use crate::http::{Call, Effect, Reply};
use crate::model::{AccountMetadata, Grant};
use crate::platform::meta::{GraphError, VERSION, oauth_error, read as read_reply};
use crate::platform::profile::PATIENCE;
use crate::platform::{
    AccountRef, Connector, ENDED, Facts, LeftOut, OAuthError, OAuthErrorKind, PlatformError, RemoteAccount,
    RemoteAccounts, members,
};
use crate::secret::AccessToken;

/// Sixty days: how long a token is valid without a renewal.
const LIFETIME: Duration = Duration::from_hours(60 * 24);

pub(super) const LAPSED: &str =
    "Instagram ended the permission because it wasn't used for sixty days. Reconnect the account.";

impl Connector for Instagram {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn read_grant(&self, reply: &Reply) -> Result<Grant, OAuthError> {
        read_grant(reply)
    }

    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, _page: Option<&str>) -> Call {
        me_call(settings, grant)
    }

    fn read_accounts(
        &self,
        settings: &PlatformSettings,
        _grant: &Grant,
        _page: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError> {
        read_me(settings, reply)
    }

    fn why_ended(&self, lasted: Duration) -> &'static str {
        if lasted >= LIFETIME { LAPSED } else { ENDED }
    }

    fn options_call(
        &self,
        settings: &PlatformSettings,
        account: &AccountRef<'_>,
        token: &AccessToken,
    ) -> Option<Call> {
        Some(quota_call(settings, account.id).bearer(token))
    }

    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError> {
        let quota = quota_of(reply)?;
        Ok(json!({
            "quota_usage": quota.map(|(used, _)| used),
            "quota_total": quota.map(|(_, total)| total),
        }))
    }
}

/// The one account type that cannot publish by API. Any other type may try.
const PERSONAL: &str = "PERSONAL";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenReply {
    access_token: String,
    #[serde(deserialize_with = "members::time")]
    expires_in: Option<Duration>,
    /// A text or a list: Meta's pages do not say which.
    #[serde(deserialize_with = "members::scopes")]
    permissions: Vec<String>,
    /// Instagram's first endpoint wraps the same fields in a list.
    data: Vec<TokenReply>,
}

/// The error of the endpoint that exchanges codes; it differs from Graph's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FlatError {
    error_type: String,
    error_message: String,
}

/// Decodes the response of any of the three token endpoints.
fn read_grant(reply: &Reply) -> Result<Grant, OAuthError> {
    // A token that is present is kept, whatever else the response says.
    if let Some(grant) = reply.json::<TokenReply>().and_then(TokenReply::into_grant) {
        return Ok(grant);
    }
    if let Some(error) = GraphError::of(reply) {
        return Err(oauth_error(&error, reply));
    }
    let says = |error: FlatError| !error.error_type.is_empty() || !error.error_message.is_empty();
    if reply.json::<FlatError>().is_some_and(says) && reply.status < 500 {
        // The code or our client is wrong: Instagram uses one text for both.
        return Err(OAuthError { code: "code_refused".to_owned(), kind: OAuthErrorKind::Operator });
    }
    Err(OAuthError { code: format!("http_{}", reply.status), kind: OAuthErrorKind::Later })
}

impl TokenReply {
    fn into_grant(self) -> Option<Grant> {
        if self.access_token.is_empty() {
            return self.data.into_iter().find_map(Self::into_grant);
        }
        Some(Grant {
            expires_in: self.expires_in,
            scopes: self.permissions,
            ..Grant::new(AccessToken::new(self.access_token))
        })
    }
}

fn me_call(settings: &PlatformSettings, grant: &Grant) -> Call {
    let fields = "user_id,username,name,account_type,profile_picture_url,followers_count,media_count";
    Call::new(Method::GET, settings.url(GRAPH, &format!("/{{{VERSION}}}/me")), Effect::Read)
        .query(&[("fields", fields)])
        .bearer(&grant.access_token)
        .timeout(PATIENCE)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Me {
    /// The id of the professional account, which is part of URLs; `id` is another, for this app alone.
    #[serde(deserialize_with = "members::id")]
    user_id: Option<String>,
    username: Option<String>,
    name: Option<String>,
    account_type: Option<String>,
    profile_picture_url: Option<String>,
    #[serde(deserialize_with = "members::count")]
    followers_count: Option<i64>,
    #[serde(deserialize_with = "members::count")]
    media_count: Option<i64>,
    /// Some responses wrap the same fields in a list.
    data: Vec<Me>,
}

/// Returns the account, if it can publish.
fn read_me(settings: &PlatformSettings, reply: &Reply) -> Result<RemoteAccounts, PlatformError> {
    let mut me: Me = read_reply(PUBLISHING, reply)?;
    if me.user_id.is_none() {
        me = me.data.into_iter().find(|me| me.user_id.is_some()).unwrap_or_default();
    }
    let Some(id) = me.user_id else { return Err(PlatformError::unreadable(reply)) };
    if me.account_type.is_some_and(|kind| kind.eq_ignore_ascii_case(PERSONAL)) {
        let name = me.username.or(me.name).unwrap_or_else(|| id.clone());
        return Ok(RemoteAccounts { left_out: vec![LeftOut { id, name }], ..RemoteAccounts::default() });
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
