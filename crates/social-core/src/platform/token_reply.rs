//! The response of a token endpoint (RFC 6749 §5), with errors sorted by who can fix them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::members;
use super::profile::OAuthProfile;
use crate::http::{Reply, lenient};
use crate::model::Grant;
use crate::secret::{AccessToken, RefreshToken};

/// The errors of a token endpoint, sorted by who can fix them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthErrorKind {
    /// The code or refresh token was used, has expired or was revoked: only the owner's consent helps.
    GrantEnded,
    /// Our client or its settings are at fault: the operator must act, and no account is to blame.
    Operator,
    /// The person or the platform refused.
    Denied,
    /// The platform has errors: retry later.
    Later,
}

/// An error of a token endpoint (RFC 6749 §5.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} from the token endpoint")]
pub struct OAuthError {
    /// The RFC's code, or ours if none could be read.
    pub code: String,
    /// Who can fix it.
    pub kind: OAuthErrorKind,
}

/// The codes of RFC 6749 §4.1.2.1 and §5.2 and Google's additions, with who can act and a sentence for that
/// person.
pub(super) const OAUTH_ERRORS: &[(&str, OAuthErrorKind, &str)] = &[
    (
        "invalid_request",
        OAuthErrorKind::Operator,
        "The platform rejected our request. Contact support: the redirect URI in its portal may differ from ours.",
    ),
    ("invalid_grant", OAuthErrorKind::GrantEnded, "The permission has ended. Reconnect the account."),
    (
        "invalid_client",
        OAuthErrorKind::Operator,
        "The platform doesn't accept the app's key or secret. Contact support: both need checking.",
    ),
    (
        "unauthorized_client",
        OAuthErrorKind::Operator,
        "The platform hasn't approved this app for that. Contact support: the app's status needs checking.",
    ),
    (
        "invalid_scope",
        OAuthErrorKind::Operator,
        "This app asks for a permission it isn't approved for. Contact support: the list of scopes needs checking.",
    ),
    (
        "unsupported_grant_type",
        OAuthErrorKind::Operator,
        "The platform doesn't offer this kind of sign-in to the app. Contact support: the app's products need checking.",
    ),
    (
        "unsupported_response_type",
        OAuthErrorKind::Operator,
        "The platform doesn't offer the code flow to the app. Contact support: the app's products need checking.",
    ),
    ("access_denied", OAuthErrorKind::Denied, "You didn't allow access. Connect again and allow publishing."),
    ("server_error", OAuthErrorKind::Later, "The platform is having problems. Try again in a few minutes."),
    (
        "temporarily_unavailable",
        OAuthErrorKind::Later,
        "The platform is overloaded. Try again in a few minutes.",
    ),
    (
        "internal_failure",
        OAuthErrorKind::Later,
        "The platform is having problems. Try again in a few minutes.",
    ),
    (
        "redirect_uri_mismatch",
        OAuthErrorKind::Operator,
        "The platform doesn't know our redirect URI. Contact support: it must be registered in the platform's portal.",
    ),
    (
        "deleted_client",
        OAuthErrorKind::Operator,
        "This app was deleted at the platform. Contact support: it must be restored or replaced.",
    ),
    (
        "admin_policy_enforced",
        OAuthErrorKind::GrantEnded,
        "Your organization's administrator doesn't allow this app. Ask the administrator, then reconnect the account.",
    ),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenBody {
    access_token: String,
    refresh_token: String,
    #[serde(deserialize_with = "members::time")]
    expires_in: Option<Duration>,
    #[serde(deserialize_with = "members::time")]
    refresh_expires_in: Option<Duration>,
    // Google's name for the same field, sent only if the grant itself expires.
    #[serde(deserialize_with = "members::time")]
    refresh_token_expires_in: Option<Duration>,
    #[serde(deserialize_with = "members::scopes")]
    scope: Vec<String>,
    id_token: String,
    #[serde(deserialize_with = "members::id")]
    open_id: Option<String>,
    error: String,
}

impl OAuthProfile {
    /// Decodes a token response. A response with an access token is a success, whatever its HTTP status:
    /// TikTok documents no status for its errors. A token that is not stored may have cost the one before.
    pub fn read_grant(&self, reply: &Reply) -> Result<Grant, OAuthError> {
        let Some(body) = reply.json::<TokenBody>() else {
            return Err(OAuthError { code: format!("http_{}", reply.status), kind: OAuthErrorKind::Later });
        };
        if body.access_token.is_empty() {
            let known = OAUTH_ERRORS.iter().find(|(code, ..)| *code == body.error);
            return Err(match known {
                Some((code, kind, _)) => OAuthError { code: (*code).to_owned(), kind: *kind },
                None if reply.status >= 500 || matches!(reply.status, 408 | 429) => {
                    OAuthError { code: format!("http_{}", reply.status), kind: OAuthErrorKind::Later }
                }
                // An unknown error must not end a grant: the operator checks, the account stays.
                None => OAuthError { code: "unknown_error".to_owned(), kind: OAuthErrorKind::Operator },
            });
        }
        Ok(Grant {
            access_token: AccessToken::new(body.access_token),
            refresh_token: (!body.refresh_token.is_empty()).then(|| RefreshToken::new(body.refresh_token)),
            expires_in: body.expires_in,
            refresh_expires_in: body.refresh_expires_in.or(body.refresh_token_expires_in),
            scopes: body.scope,
            remote_id: body.open_id,
            granted_by: subject(&body.id_token),
        })
    }
}

/// Returns the subject of an ID token (`OpenID` Connect Core §2). It came from the token endpoint over TLS,
/// which may replace the check of its signature (§3.1.3.7).
fn subject(id_token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        #[serde(deserialize_with = "members::id")]
        sub: String,
    }
    let claims = URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1)?).ok()?;
    Some(lenient::read::<Claims>(&claims).ok()?.sub)
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::platform::odd_replies::Sample;
    use crate::platform::tiktok::FACTS;

    fn read(status: u16, body: &Value) -> Result<Grant, OAuthError> {
        let body = body.to_string().into_bytes().into();
        FACTS.oauth.read_grant(&Reply { status, headers: http::HeaderMap::new(), body })
    }

    /// A token that is present is kept, with the one that buys the next.
    pub(in crate::platform) fn samples() -> Vec<Sample> {
        let id_token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(r#"{"iss":"x","sub":108}"#));
        let good = json!({"access_token": "act.1", "expires_in": 86_400, "open_id": "o1", "refresh_expires_in": 31_536_000,
            "refresh_token_expires_in": 1, "refresh_token": "rft.1", "scope": "user.info.basic,video.publish",
            "token_type": "Bearer", "id_token": id_token, "error": null, "log_id": "L1"});
        let sample = |essential, tell: fn(&Grant) -> String| Sample {
            types: &["TokenBody", "Claims"],
            good: good.clone(),
            essential,
            read: Box::new(move |reply| match FACTS.oauth.read_grant(reply) {
                Ok(grant) => tell(&grant),
                Err(error) => error.code,
            }),
        };
        vec![
            sample(&["/access_token"], |grant| grant.access_token.expose().to_owned()),
            sample(&["/access_token", "/refresh_token"], |grant| {
                grant.refresh_token.as_ref().unwrap_or(&RefreshToken::new("none")).expose().to_owned()
            }),
            sample(&["/access_token", "/id_token", "/open_id", "/scope"], |grant| {
                format!("{:?} {:?} {:?}", grant.granted_by, grant.remote_id, grant.scopes)
            }),
        ]
    }

    #[test]
    fn a_token_that_is_present_is_kept_whatever_else_the_response_says() {
        for (member, odd) in [
            ("expires_in", json!("86400")),
            ("expires_in", json!(86_400.0)),
            ("expires_in", json!(-1)),
            ("expires_in", json!(i64::MAX)),
            ("error", json!(null)),
            ("error", json!("ok")),
            ("error", json!({"code": "ok"})),
            ("scope", json!(["video.publish"])),
            ("refresh_expires_in", json!("never")),
        ] {
            let mut body = json!({"access_token": "act.1", "refresh_token": "rft.1"});
            body[member] = odd.clone();
            let grant = read(200, &body).unwrap();
            assert_eq!(grant.access_token.expose(), "act.1", "{member} {odd}");
            assert_eq!(grant.refresh_token.unwrap().expose(), "rft.1", "{member} {odd}");
            let time = grant.expires_in.map_or(0, |time| time.as_secs());
            assert!(time == 86_400 || time == 0 || odd == json!(i64::MAX), "{member} {odd}: {time}");
        }
    }

    #[test]
    fn googles_response_names_the_person_and_the_expiry() {
        let id_token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(r#"{"iss":"x","sub":"108"}"#));
        let grant = read(
            200,
            &json!({"access_token": "ya29.x", "expires_in": 3599, "token_type": "Bearer", "id_token": id_token,
                "scope": "https://www.googleapis.com/auth/youtube.upload openid", "refresh_token_expires_in": 604_799}),
        )
        .unwrap();
        assert_eq!(grant.granted_by.as_deref(), Some("108"));
        assert_eq!(grant.scopes, ["https://www.googleapis.com/auth/youtube.upload", "openid"]);
        assert_eq!(grant.refresh_expires_in, Some(Duration::from_secs(604_799)));
        assert!(grant.refresh_token.is_none());
        assert_eq!(read(200, &json!({"access_token": "x", "id_token": "a.b.c"})).unwrap().granted_by, None);
    }

    #[test]
    fn a_refusal_is_sorted_by_who_can_act() {
        for (status, code, kind) in [
            (400, "invalid_grant", OAuthErrorKind::GrantEnded),
            (400, "admin_policy_enforced", OAuthErrorKind::GrantEnded),
            (400, "redirect_uri_mismatch", OAuthErrorKind::Operator),
            (400, "never_heard_of", OAuthErrorKind::Operator),
            (500, "internal_failure", OAuthErrorKind::Later),
            (408, "never_heard_of", OAuthErrorKind::Later),
        ] {
            assert_eq!(read(status, &json!({"error": code})).unwrap_err().kind, kind, "{code}");
        }
    }
}
