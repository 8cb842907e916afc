//! The access token of a request, and its channel.

use super::PLATFORM;
use super::channel::{Channel, Standing};
use super::envelope::{self, Refusal};
use super::grant::Caller;
use super::query::{Asked, Query, Signature, credential};
use super::world::World;
use crate::fault::FaultKind;
use crate::place::{Place, Who};
use crate::sandbox::Sandbox;
use axum::response::Response;
use serde_json::Value;

/// Responds to a read with a token, which costs one unit. `work` also gets the faults of the call's
/// publication.
pub(super) async fn call(
    sandbox: &Sandbox,
    name: &'static str,
    method: &Signature,
    asked: &Asked,
    work: impl FnOnce(&mut World, i64, &Caller, &Query, Vec<FaultKind>) -> Result<Value, Refusal> + Send,
) -> Response {
    let token = credential(&asked.headers, &asked.query);
    let place = place(sandbox, &[name], token.as_deref());
    let answer = async {
        envelope::reply(sandbox.change(|state, now| {
            let world = &mut state.youtube;
            let caller = world.caller(token.as_deref(), now)?;
            world.quota.spend_unit(world.limits.units_per_day, now)?;
            caller.needs(&super::scopes::READING)?;
            let query = Query::read(&asked.query, method)?;
            let faults = state.faults.take_for_outcome(&place);
            let body = work(world, now, &caller, &query, faults)?;
            Ok(query.mask()?.unwrap_or_default().of(body))
        }))
    };
    sandbox.answer(&place, envelope::refuse, answer).await
}

/// Returns the endpoint of a call with this token.
pub(super) fn place(sandbox: &Sandbox, names: &[&'static str], token: Option<&str>) -> Place {
    let account = sandbox.read(|state, _| {
        let token = state.youtube.access.get(token?)?;
        state.youtube.who(token.holder.channel.as_deref()?)
    });
    at(names, account)
}

pub(super) fn at(names: &[&'static str], account: Option<Who>) -> Place {
    Place { platform: PLATFORM, names: names.into(), account }
}

impl World {
    /// Returns the caller's channel, which must not be suspended.
    pub(super) fn channel_behind(&mut self, caller: &Caller) -> Result<&mut Channel, Refusal> {
        let channel = caller.channel.as_ref().and_then(|id| self.channels.get_mut(id));
        let Some(channel) = channel else {
            return Err(
                Refusal::new(401, "youtubeSignupRequired", "Unauthorized").in_domain("youtube.header")
            );
        };
        match channel.standing {
            Standing::Good => Ok(channel),
            Standing::Suspended => {
                let message = "The YouTube account of the authenticated user is suspended.";
                Err(Refusal::new(403, "authenticatedUserAccountSuspended", message)
                    .in_domain("youtube.common"))
            }
        }
    }
}
