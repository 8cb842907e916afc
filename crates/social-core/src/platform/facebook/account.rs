//! Connecting: whose permission it is, what it allows, and which Pages it opens.

use std::time::Duration;

use http::Method;
use serde::Deserialize;
use url::Url;

use super::calls::proven;
use super::errors::PUBLISHING;
use super::{GRAPH, WWW};
use crate::config::PlatformSettings;
use crate::http::{Call, Effect, Reply};
use crate::model::{AccountMetadata, Grant};
use crate::platform::meta::{GraphError, VERSION, api_call, oauth_error, read as read_reply};
use crate::platform::{OAuthError, OAuthErrorKind, PlatformError, RemoteAccount, RemoteAccounts, ids};
use crate::secret::AccessToken;

/// The tasks with either of which a person may publish on a Page.
const PUBLISHES: [&str; 2] = ["CREATE_CONTENT", "MANAGE"];

/// 10 s: the person is waiting at a blank popup.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct TokenReply {
    #[serde(default)]
    access_token: String,
    expires_in: Option<u64>,
}

/// Reads the answer of the token endpoint, whose errors are Graph's.
pub(super) fn read_grant(reply: &Reply) -> Result<Grant, OAuthError> {
    if let Some(error) = GraphError::of(reply) {
        return Err(oauth_error(&error, reply));
    }
    let later = || OAuthError { code: format!("http_{}", reply.status), kind: OAuthErrorKind::Later };
    let body = reply.json::<TokenReply>().filter(|body| !body.access_token.is_empty()).ok_or_else(later)?;
    Ok(Grant {
        expires_in: body.expires_in.map(Duration::from_secs),
        ..Grant::new(AccessToken::new(body.access_token))
    })
}

/// Asks who the person is, and what of the permissions was granted.
pub(super) fn introspection_call(settings: &PlatformSettings, grant: &Grant) -> Call {
    let call = api_call(settings, GRAPH, "/me", None, Effect::Read).query(&[("fields", "id,permissions")]);
    proven(call, settings, &grant.access_token).timeout(PATIENCE)
}

#[derive(Deserialize)]
struct Person {
    #[serde(default, deserialize_with = "ids::id")]
    id: Option<String>,
    #[serde(default)]
    permissions: Permissions,
}

#[derive(Default, Deserialize)]
struct Permissions {
    #[serde(default)]
    data: Vec<Permission>,
}

#[derive(Deserialize)]
struct Permission {
    permission: String,
    status: String,
}

pub(super) fn read_introspection(grant: Grant, reply: &Reply) -> Result<Grant, PlatformError> {
    let person = read_reply::<Person>(PUBLISHING, reply)?;
    // Declined and expired ones are listed as well.
    let granted = person.permissions.data.into_iter().filter(|one| one.status == "granted");
    Ok(Grant { granted_by: person.id, scopes: granted.map(|one| one.permission).collect(), ..grant })
}

/// Asks for the Pages; the address that Facebook names for the next page of them holds the token, so its cursor is all
/// that is kept of it.
pub(super) fn pages_call(settings: &PlatformSettings, grant: &Grant, after: Option<&str>) -> Call {
    let fields = "id,name,username,access_token,tasks,picture{url}";
    let call = api_call(settings, GRAPH, "/me/accounts", None, Effect::Read)
        .query(&[("fields", fields), ("limit", "100")]);
    let call = match after {
        Some(after) => call.query(&[("after", after)]),
        None => call,
    };
    proven(call, settings, &grant.access_token).timeout(PATIENCE)
}

#[derive(Deserialize)]
struct Pages {
    #[serde(default)]
    data: Vec<Page>,
    #[serde(default)]
    paging: Paging,
}

#[derive(Default, Deserialize)]
struct Paging {
    next: Option<String>,
    #[serde(default)]
    cursors: Cursors,
}

#[derive(Default, Deserialize)]
struct Cursors {
    after: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    id: String,
    name: Option<String>,
    username: Option<String>,
    #[serde(default)]
    access_token: String,
    #[serde(default)]
    tasks: Vec<String>,
    #[serde(default)]
    picture: Picture,
}

#[derive(Default, Deserialize)]
struct Picture {
    #[serde(default)]
    data: PictureData,
}

#[derive(Default, Deserialize)]
struct PictureData {
    url: Option<String>,
}

impl Paging {
    fn after(self) -> Option<String> {
        let next = self.next?;
        let in_query = || {
            let url = Url::parse(&next).ok()?;
            url.query_pairs().find(|(name, _)| name == "after").map(|(_, after)| after.into_owned())
        };
        self.cursors.after.or_else(in_query)
    }
}

/// The Pages that can be published to: those with a token of their own, on which the person may create content. The
/// others would only ever fail.
pub(super) fn read_pages(
    settings: &PlatformSettings,
    reply: &Reply,
) -> Result<RemoteAccounts, PlatformError> {
    let pages = read_reply::<Pages>(PUBLISHING, reply)?;
    let usable = pages.data.into_iter().filter(|page| {
        let may_publish = page.tasks.iter().any(|task| PUBLISHES.contains(&task.as_str()));
        !page.access_token.is_empty() && may_publish
    });
    let account = |page: Page| {
        let name = page.username.as_ref().unwrap_or(&page.id);
        let metadata = AccountMetadata {
            display_name: page.name,
            avatar_url: page.picture.data.url,
            profile_url: Some(settings.url(WWW, &format!("/{name}")).into()),
            ..AccountMetadata::default()
        };
        let token = Some(AccessToken::new(page.access_token));
        RemoteAccount { id: page.id, username: page.username, metadata, token }
    };
    Ok(RemoteAccounts { accounts: usable.map(account).collect(), next: pages.paging.after() })
}

/// Ends the person's whole grant, with the app's own token: we hold the Pages' alone.
pub(super) fn revoke_call(settings: &PlatformSettings, person: &str) -> Option<Call> {
    // Part of a path, and a platform's word: digits alone.
    if person.is_empty() || !person.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let app = AccessToken::new(format!("{}|{}", settings.client_id, settings.client_secret.expose()));
    let url = settings.url(GRAPH, &format!("/{{{VERSION}}}/{person}/permissions"));
    let call = Call::new(Method::DELETE, url, Effect::Idempotent);
    Some(proven(call, settings, &app).timeout(PATIENCE))
}
