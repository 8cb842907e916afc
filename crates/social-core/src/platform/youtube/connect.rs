//! Connects accounts: the channels of a grant, and what they may post.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::calls::{UPLOADS, channel_call};
use super::facts::{FACTS, LONG_UPLOADS, OAUTH, WWW, YouTube};
use super::options::{LICENSES, PRIVACY};
use super::replies::{self, Channel, List};
use crate::config::PlatformSettings;
use crate::http::{Body, Call, Effect, Reply};
use crate::model::{AccountMetadata, Grant};
use crate::platform::profile::PATIENCE;
use crate::platform::{
    AccountRef, Connector, ENDED, Facts, PlatformError, RemoteAccount, RemoteAccounts, RevokedGrant,
};
use crate::secret::{AccessToken, FormValue};

/// Google ends the grants of a consent screen in "Testing" after seven days ("OAuth 2.0 overview", refresh
/// token expiration). The end of an idle account is noticed at its next refresh.
const TESTING: std::ops::Range<Duration> = Duration::from_hours(7 * 24 - 1)..Duration::from_hours(14 * 24);
const ENDED_IN_TESTING: &str = "Google ended the permission after about seven days, because this app is still in \"Testing\". Contact support: the app must be published in the Google Cloud console. Then reconnect the account.";

impl Connector for YouTube {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, _: Option<&str>) -> Call {
        let parts = "snippet,contentDetails,status,statistics";
        channel_call(settings, &grant.access_token, parts).timeout(PATIENCE)
    }

    fn read_accounts(
        &self,
        settings: &PlatformSettings,
        _: &Grant,
        _: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError> {
        let channels = match replies::read::<List<Channel>>(reply) {
            Ok(channels) => channels.items,
            // A person without a channel; both responses occur.
            Err(error) if error.code == "youtubeSignupRequired" => Vec::new(),
            Err(error) => return Err(error),
        };
        let accounts = channels.into_iter().filter(|channel| !channel.id.is_empty());
        Ok(RemoteAccounts {
            accounts: accounts.map(|channel| account(channel, settings)).collect(),
            ..RemoteAccounts::default()
        })
    }

    /// Google expects only the token, and accepts either. The refresh token is the one that is still valid.
    fn revoke_call(&self, settings: &PlatformSettings, grant: &RevokedGrant<'_>) -> Option<Call> {
        let token = grant.refresh_token.map_or_else(
            || FormValue::new(grant.access_token.expose()),
            |token| FormValue::new(token.expose()),
        );
        let call = Call::new(http::Method::POST, settings.url(OAUTH, "/revoke"), Effect::Idempotent);
        Some(call.body(Body::Form(vec![("token", token)])).timeout(PATIENCE))
    }

    fn why_ended(&self, lasted: Duration) -> &'static str {
        if TESTING.contains(&lasted) { ENDED_IN_TESTING } else { ENDED }
    }

    fn options_call(
        &self,
        settings: &PlatformSettings,
        _: &AccountRef<'_>,
        token: &AccessToken,
    ) -> Option<Call> {
        Some(channel_call(settings, token, "status"))
    }

    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError> {
        let channels = replies::read::<List<Channel>>(reply)?;
        let status = channels.items.into_iter().next().and_then(|channel| channel.status.long_uploads_status);
        Ok(json!({
            LONG_UPLOADS: status,
            "privacyStatus": PRIVACY,
            "license": LICENSES,
        }))
    }
}

/// Returns a channel as an account.
fn account(channel: Channel, settings: &PlatformSettings) -> RemoteAccount {
    let Channel { id, snippet, content_details, status, statistics } = channel;
    let username = snippet.custom_url.map(|url| url.trim_start_matches('@').to_owned());
    let path = username.as_ref().map_or_else(|| format!("/channel/{id}"), |name| format!("/@{name}"));
    let mut own = Map::new();
    own.extend(content_details.related_playlists.uploads.map(|uploads| (UPLOADS.to_owned(), uploads.into())));
    own.extend(status.long_uploads_status.map(|status| (LONG_UPLOADS.to_owned(), status.into())));
    let metadata = AccountMetadata {
        display_name: snippet.title,
        avatar_url: snippet.thumbnails.medium.or(snippet.thumbnails.default).map(|picture| picture.url),
        follower_count: statistics.subscriber_count.filter(|_| !statistics.hidden_subscriber_count),
        video_count: statistics.video_count,
        profile_url: Some(settings.url(WWW, &path).into()),
        own,
    };
    RemoteAccount { id, username, metadata, token: None }
}
