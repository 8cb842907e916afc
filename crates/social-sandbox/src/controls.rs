//! The control endpoints that every platform has.

use crate::instruction::{Instruction, Origin, Unfit, changed};
use crate::platforms::Memory;
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A platform's part of them.
pub(crate) trait Controls: 'static {
    type Limits: Clone + Serialize + DeserializeOwned + Send;
    /// The error for an account that does not exist.
    const UNKNOWN: &'static str = "there is no such account";

    /// Returns everything published, oldest first.
    fn published(sandbox: &Sandbox) -> Value;

    fn limits(sandbox: &Sandbox) -> Self::Limits;

    fn limits_mut(memory: &mut Memory) -> &mut Self::Limits;

    /// Expires the access tokens. Returns whether there is such an account.
    fn expire_tokens(sandbox: &Sandbox, account: &str) -> bool;

    /// Expires the refresh tokens; where there are none, the access tokens.
    fn expire_refresh_tokens(sandbox: &Sandbox, account: &str) -> bool {
        Self::expire_tokens(sandbox, account)
    }

    /// Ends the grant, as the account's owner would in the platform's settings.
    fn revoke(sandbox: &Sandbox, account: &str) -> bool;
}

pub(crate) fn routes<C: Controls>() -> Router<Sandbox> {
    Router::new()
        .route("/published", get(published::<C>))
        .route("/limits", post(limits::<C>).get(current_limits::<C>))
        .route("/expire-tokens", post(expire::<C>))
        .route("/revoke", post(revoke::<C>))
}

async fn published<C: Controls>(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!({ "published": C::published(&sandbox) }))
}

async fn current_limits<C: Controls>(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!(C::limits(&sandbox)))
}

/// Changes the named limits and keeps the others.
async fn limits<C: Controls>(
    State(sandbox): State<Sandbox>,
    wanted: Instruction<Map<String, Value>>,
) -> Response {
    let (wanted, origin) = wanted.parts();
    let changed = sandbox.change(|memory, _| {
        let limits = C::limits_mut(memory);
        *limits = changed(limits, wanted)?;
        Ok::<_, Unfit>(limits.clone())
    });
    match changed {
        Ok(limits) => origin.done(&sandbox, &json!(limits)),
        Err(unfit) => unfit.into_response(),
    }
}

/// Which tokens expire.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Tokens {
    #[default]
    Access,
    Refresh,
}

#[derive(Deserialize)]
struct Target {
    account: String,
    #[serde(default)]
    tokens: Tokens,
}

async fn expire<C: Controls>(State(sandbox): State<Sandbox>, target: Instruction<Target>) -> Response {
    let (target, origin) = target.parts();
    let found = match target.tokens {
        Tokens::Access => C::expire_tokens(&sandbox, &target.account),
        Tokens::Refresh => C::expire_refresh_tokens(&sandbox, &target.account),
    };
    done::<C>(&sandbox, origin, found)
}

/// The owner removes the app.
async fn revoke<C: Controls>(State(sandbox): State<Sandbox>, target: Instruction<Target>) -> Response {
    let (target, origin) = target.parts();
    let found = C::revoke(&sandbox, &target.account);
    done::<C>(&sandbox, origin, found)
}

fn done<C: Controls>(sandbox: &Sandbox, origin: Origin, found: bool) -> Response {
    if found { origin.done(sandbox, &json!({})) } else { Unfit(C::UNKNOWN.into()).into_response() }
}
