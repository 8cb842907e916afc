//! Connects accounts: identifies the person, reads the granted scopes, lists the Pages, and revokes the grant.

use std::time::Duration;

use http::Method;
use serde::Deserialize;

use super::calls::proven;
use super::errors::PUBLISHING;
use super::facts::{FACTS, Facebook, GRAPH};
use super::pages;
use crate::config::PlatformSettings;
use crate::http::{Call, Effect, Reply};
use crate::model::Grant;
use crate::platform::meta::{GraphError, VERSION, api_call, oauth_error, read as read_reply};
use crate::platform::profile::PATIENCE;
use crate::platform::{
    Connector, Facts, OAuthError, OAuthErrorKind, PlatformError, RemoteAccounts, RevokedGrant, members,
};
use crate::secret::AccessToken;

impl Connector for Facebook {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn read_grant(&self, reply: &Reply) -> Result<Grant, OAuthError> {
        read_grant(reply)
    }

    fn introspection_call(&self, settings: &PlatformSettings, grant: &Grant) -> Option<Call> {
        Some(introspection_call(settings, grant))
    }

    fn read_introspection(&self, grant: Grant, reply: &Reply) -> Result<Grant, PlatformError> {
        read_introspection(grant, reply)
    }

    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, page: Option<&str>) -> Call {
        pages::call(settings, grant, page)
    }

    fn read_accounts(
        &self,
        settings: &PlatformSettings,
        grant: &Grant,
        page: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError> {
        pages::read(settings, grant, page, reply)
    }

    fn revoke_call(&self, settings: &PlatformSettings, grant: &RevokedGrant<'_>) -> Option<Call> {
        revoke_call(settings, grant.granted_by?)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenReply {
    access_token: String,
    #[serde(deserialize_with = "members::time")]
    expires_in: Option<Duration>,
}

/// Decodes the response of the token endpoint, whose errors are Graph's.
fn read_grant(reply: &Reply) -> Result<Grant, OAuthError> {
    // A token that is present is kept, whatever else the response says.
    if let Some(body) = reply.json::<TokenReply>().filter(|body| !body.access_token.is_empty()) {
        return Ok(Grant { expires_in: body.expires_in, ..Grant::new(AccessToken::new(body.access_token)) });
    }
    Err(GraphError::of(reply).map_or_else(
        || OAuthError { code: format!("http_{}", reply.status), kind: OAuthErrorKind::Later },
        |error| oauth_error(&error, reply),
    ))
}

/// Queries who the person is, and which scopes were granted.
fn introspection_call(settings: &PlatformSettings, grant: &Grant) -> Call {
    let call = api_call(settings, GRAPH, "/me", None, Effect::Read).query(&[("fields", "id,permissions")]);
    proven(call, settings, &grant.access_token).timeout(PATIENCE)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Person {
    #[serde(deserialize_with = "members::id")]
    id: Option<String>,
    permissions: Permissions,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Permissions {
    data: Vec<Permission>,
}

#[derive(Debug, Deserialize)]
struct Permission {
    permission: String,
    #[serde(default)]
    status: String,
}

fn read_introspection(grant: Grant, reply: &Reply) -> Result<Grant, PlatformError> {
    let person = read_reply::<Person>(PUBLISHING, reply)?;
    let permissions = person.permissions.data;
    // If the list is missing, all scopes may have been granted: the calls will show.
    let untold = if permissions.is_empty() { FACTS.oauth.scopes } else { &[] };
    let granted = permissions.into_iter().filter(Permission::is_granted).map(|one| one.permission);
    let scopes = untold.iter().map(|scope| (*scope).to_owned()).chain(granted).collect();
    Ok(Grant { granted_by: person.id, scopes, ..grant })
}

impl Permission {
    /// Reports whether nothing denies it: declined and expired scopes are listed as well.
    fn is_granted(&self) -> bool {
        !["declined", "expired"].iter().any(|word| self.status.eq_ignore_ascii_case(word))
    }
}

/// Ends the person's whole grant with the app's own token: we store only the Pages' tokens.
fn revoke_call(settings: &PlatformSettings, person: &str) -> Option<Call> {
    // It becomes part of a path and comes from a platform: digits alone.
    if person.is_empty() || !person.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let app = AccessToken::new(format!("{}|{}", settings.client_id, settings.client_secret.expose()));
    let url = settings.url(GRAPH, &format!("/{{{VERSION}}}/{person}/permissions"));
    let call = Call::new(Method::DELETE, url, Effect::Idempotent);
    Some(proven(call, settings, &app).timeout(PATIENCE))
}
