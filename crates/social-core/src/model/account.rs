//! A connected social account and the grant behind it.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::secret::{AccessToken, RefreshToken};

/// Our user, by the `sub` of the JWT. The user owns everything they create.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OwnerId(String);

impl OwnerId {
    /// 255: the longest `sub` that an identity provider issues (`OpenID` Connect Core §2).
    const MOST: usize = 255;

    /// Accepts a `sub`; `None` if it is empty, too long or holds control characters.
    #[must_use]
    pub fn new(sub: &str) -> Option<Self> {
        let fits = !sub.is_empty() && sub.len() <= Self::MOST && !sub.chars().any(char::is_control);
        fits.then(|| Self(sub.to_owned()))
    }

    /// Returns the `sub` itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A platform's name, as in URLs, columns and logs: `tiktok`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct PlatformId(Cow<'static, str>);

impl PlatformId {
    /// Returns the platform of a constant name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// Returns the platform named in a row or a request. The list of platforms knows whether it exists.
    #[must_use]
    pub fn named(name: String) -> Self {
        Self(Cow::Owned(name))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlatformId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An account's id in our database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct AccountId(pub Uuid);

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether an account can publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum AccountStatus {
    /// It can publish.
    Active,
    /// The grant has ended; its owner must reconnect it.
    NeedsReconnect,
    /// Its owner disconnected it; no tokens are stored.
    Disconnected,
}

impl AccountStatus {
    /// Returns its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NeedsReconnect => "needs_reconnect",
            Self::Disconnected => "disconnected",
        }
    }

    /// Returns the status of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Active, Self::NeedsReconnect, Self::Disconnected]
            .into_iter()
            .find(|status| status.name() == name)
    }
}

/// An account's profile at the platform, as far as the granted scopes allow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AccountMetadata {
    /// The name shown to people; neither unique nor stable.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub display_name: Option<String>,
    /// The picture; platforms sign these URLs and let them expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub avatar_url: Option<String>,
    /// The number of followers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub follower_count: Option<i64>,
    /// The number of public videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub video_count: Option<i64>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub profile_url: Option<String>,
    /// Fields of this platform alone, under its own names, which its worker reads again.
    #[serde(flatten)]
    pub own: serde_json::Map<String, serde_json::Value>,
}

/// A connected account, without its tokens.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its id in our database.
    pub id: AccountId,
    /// The user who connected it.
    #[serde(skip)]
    pub owner: OwnerId,
    /// Its platform.
    pub platform: PlatformId,
    /// Its id at the platform.
    #[serde(rename = "accountId")]
    pub remote_id: String,
    /// Its handle, if the platform returned it.
    #[schema(required = true)]
    pub username: Option<String>,
    /// Whether it can publish.
    pub status: AccountStatus,
    /// Counts the grants the account has had.
    #[serde(skip)]
    pub version: i64,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// Its profile at the platform.
    #[serde(rename = "accountMetadata")]
    pub metadata: AccountMetadata,
    /// When it was last connected.
    #[schema(value_type = String, format = DateTime)]
    pub connected_at: Timestamp,
    /// When the grant ends, as far as the platform tells: the refresh token, or the token where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub expires_at: Option<Timestamp>,
    /// Why it must be connected again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ended: Option<Ended>,
    /// How many of its results are not over yet, counted up to 1000; only where one account or a list is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1000)]
    pub open_results: Option<i64>,
}

/// Why a grant has ended, and since when we know.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// The sentence for its owner.
    pub message: String,
    /// When we heard of it.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// An owner's authorization, as a token response gives it (RFC 6749 §5.1).
#[derive(Debug, Clone)]
pub struct Grant {
    /// The token for calls.
    pub access_token: AccessToken,
    /// The token that buys the next access token; absent where a platform has none or keeps the old one
    /// valid.
    pub refresh_token: Option<RefreshToken>,
    /// How long the access token is valid.
    pub expires_in: Option<Duration>,
    /// How long the refresh token is valid.
    pub refresh_expires_in: Option<Duration>,
    /// The granted scopes, which may be fewer than requested.
    pub scopes: Vec<String>,
    /// The account's id at the platform, where the token response names it.
    pub remote_id: Option<String>,
    /// The person who gave it, by the platform's id: all accounts of one person depend on one authorization.
    pub granted_by: Option<String>,
}

impl Grant {
    /// Returns a grant that has only a token.
    #[must_use]
    pub fn new(access_token: AccessToken) -> Self {
        Self {
            access_token,
            refresh_token: None,
            expires_in: None,
            refresh_expires_in: None,
            scopes: Vec::new(),
            remote_id: None,
            granted_by: None,
        }
    }

    /// Returns the grant that `self` was exchanged for, with the fields that only `self` has.
    #[must_use]
    pub fn traded_for(self, grant: Self) -> Self {
        Self {
            scopes: if grant.scopes.is_empty() { self.scopes } else { grant.scopes },
            remote_id: grant.remote_id.or(self.remote_id),
            granted_by: grant.granted_by.or(self.granted_by),
            ..grant
        }
    }
}
