//! The posting options of an account, as its platform offers them now.

use std::time::Duration;

use serde_json::Value;

use super::codes::codes;
use super::error::ApiError;
use crate::model::{Account, AccountStatus, OwnerId, Window};
use crate::oauth::{Flow, RefreshFailed};
use crate::platform::{AccountRef, Disposition, PlatformError};
use crate::store::StoredGrant;

/// 30 s: when to retry after an error that names no pause.
const SOON: Duration = Duration::from_secs(30);
/// An hour: when to retry after a daily quota is used up.
const LATER: Duration = Duration::from_hours(1);

codes! {
    /// The platform cannot be queried for this account.
    OptionsCode {
        AccountNeedsReconnect = 409 "account_needs_reconnect" "The permission for this account has ended. Reconnect the account.",
        AccountBusy = 409 "account_busy" "We can't reach the platform right now. Try again shortly.",
        PlatformUnavailable = 409 "platform_unavailable" "We can't reach the platform right now. Try again shortly.",
        PlatformOff = 409 "platform_off" "This platform is turned off.",
    }
}

/// Returns the posting options of an account, queried from the platform each time.
pub(super) async fn posting_options(
    flow: &Flow,
    owner: &OwnerId,
    account: &Account,
    grant: Option<StoredGrant>,
) -> Result<Value, ApiError> {
    if account.status != AccountStatus::Active {
        return Err(OptionsCode::AccountNeedsReconnect.into());
    }
    let (connector, settings) = flow.connector(&account.platform).ok_or(OptionsCode::PlatformOff)?;
    let known = AccountRef {
        id: &account.remote_id,
        username: account.username.as_deref(),
        metadata: &account.metadata,
    };
    let mut token = flow.usable_token(owner, account, grant).await.map_err(no_token)?;
    let mut was_rejected = false;
    loop {
        let Some(call) = connector.options_call(settings, &known, &token.access_token) else {
            return Ok(Value::Null);
        };
        let deadline = flow.soon();
        let reply = flow
            .http
            .send(call, None, deadline)
            .await
            .map_err(|_| unavailable(OptionsCode::PlatformUnavailable, SOON))?;
        match connector.read_options(&reply) {
            Ok(options) => return Ok(options),
            Err(error) if error.disposition == Disposition::RefreshToken && !was_rejected => {
                was_rejected = true;
                let rejected = Some(token.version);
                token = flow
                    .fresh_token(owner, &account.platform, account.id, rejected, flow.soon())
                    .await
                    .map_err(no_token)?;
            }
            Err(error) => return Err(refuse(&error)),
        }
    }
}

fn unavailable(code: OptionsCode, after: Duration) -> ApiError {
    ApiError::from(code).retry_after(after)
}

fn no_token(error: RefreshFailed) -> ApiError {
    match error {
        RefreshFailed::Ended(why) => ApiError::from(OptionsCode::AccountNeedsReconnect).saying(why),
        RefreshFailed::Busy => unavailable(OptionsCode::AccountBusy, Duration::from_secs(2)),
        RefreshFailed::Later(_) => unavailable(OptionsCode::PlatformUnavailable, SOON),
        RefreshFailed::Store(error) => error.into(),
    }
}

fn refuse(error: &PlatformError) -> ApiError {
    match error.disposition {
        Disposition::Hold { window, .. } => {
            let after = match window {
                Window::For(time) => time,
                Window::UntilMidnight(_) => LATER,
            };
            ApiError::new(429, error.code.clone(), error.message).retry_after(after)
        }
        Disposition::Reconnect | Disposition::RefreshToken => {
            ApiError::from(OptionsCode::AccountNeedsReconnect).saying(error.message)
        }
        Disposition::Retry { after } => unavailable(OptionsCode::PlatformUnavailable, after.unwrap_or(SOON)),
        Disposition::Ambiguous => unavailable(OptionsCode::PlatformUnavailable, SOON),
        Disposition::UserFixable | Disposition::Permanent => {
            ApiError::new(409, error.code.clone(), error.message)
        }
    }
}
