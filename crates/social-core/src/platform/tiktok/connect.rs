//! Connects accounts: one grant is one account. Its posting options say what it may post now.

use http::Method;
use serde_json::Value;

use super::calls::creator_call;
use super::facts::{API, FACTS, TikTok, WWW};
use super::replies;
use crate::config::PlatformSettings;
use crate::http::{Call, Effect, Reply};
use crate::model::{AccountMetadata, Grant};
use crate::platform::profile::PATIENCE;
use crate::platform::{AccountRef, Connector, Facts, PlatformError, RemoteAccount, RemoteAccounts};
use crate::secret::AccessToken;

impl Connector for TikTok {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, _page: Option<&str>) -> Call {
        let granted = |scope: &str| grant.scopes.iter().any(|given| given == scope);
        let mut fields = vec!["open_id", "avatar_url", "display_name"];
        // A field beyond the granted scopes fails the whole call.
        if granted("user.info.profile") {
            fields.push("username");
        }
        if granted("user.info.stats") {
            fields.extend(["follower_count", "video_count"]);
        }
        Call::new(Method::GET, settings.url(API, "/v2/user/info/"), Effect::Read)
            .query(&[("fields", &fields.join(","))])
            .bearer(&grant.access_token)
            .timeout(PATIENCE)
    }

    fn read_accounts(
        &self,
        settings: &PlatformSettings,
        grant: &Grant,
        _page: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError> {
        let user = replies::read::<replies::UserInfo>(reply)?.user;
        let id = grant.remote_id.clone().or(user.open_id).ok_or_else(|| PlatformError::unreadable(reply))?;
        let profile_url =
            user.username.as_ref().map(|name| settings.url(WWW, &format!("/@{name}")).to_string());
        let metadata = AccountMetadata {
            display_name: user.display_name,
            avatar_url: user.avatar_url,
            follower_count: user.follower_count,
            video_count: user.video_count,
            profile_url,
            ..AccountMetadata::default()
        };
        Ok(RemoteAccount { id, username: user.username, metadata, token: None }.into())
    }

    fn options_call(
        &self,
        settings: &PlatformSettings,
        _account: &AccountRef<'_>,
        token: &AccessToken,
    ) -> Option<Call> {
        Some(creator_call(settings, token))
    }

    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError> {
        replies::read(reply)
    }
}
