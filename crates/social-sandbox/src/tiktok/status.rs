//! Returns the status of a publication, and cancels one.

use super::bearer::place;
use super::envelope::{self, Refusal};
use super::publication::{Phase, Publication};
use super::webhook::announce;
use super::world::World;
use crate::pull::settled;
use crate::request::{self, lacks_length};
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Asked {
    publish_id: String,
}

pub(super) async fn fetch(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(response) = lacks_length(&headers) {
        return response;
    }
    let place = place(&sandbox, &["status"], &headers);
    let answer = async {
        await_download(&sandbox, &body).await;
        let result = sandbox.change(|state, now| {
            let world = &mut state.tiktok;
            let limits = world.limits.clone();
            let publication = owned(world, "status", now, &headers, &body)?;
            for fault in state.faults.take_for_outcome(&place) {
                publication.suffer(fault);
            }
            Ok(publication.poll(&limits))
        });
        match result {
            Err(refusal) => envelope::reply(Err(refusal)),
            Ok((data, notices)) => {
                announce(&sandbox, notices);
                envelope::reply(Ok(data))
            }
        }
    };
    sandbox.answer(&place, envelope::refuse, answer).await
}

pub(super) async fn cancel(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(response) = lacks_length(&headers) {
        return response;
    }
    let place = place(&sandbox, &["cancel"], &headers);
    let answer = async {
        let result = sandbox.change(|state, now| {
            let publication = owned(&mut state.tiktok, "cancel", now, &headers, &body)?;
            if publication.phase != Phase::Pulling {
                let message = "The publish task can no longer be cancelled.";
                return Err(Refusal::new(400, "publish_not_cancellable", message));
            }
            Ok(publication.fail("publish_cancelled"))
        });
        match result {
            Err(refusal) => envelope::reply(Err(refusal)),
            Ok(notice) => {
                announce(&sandbox, vec![notice]);
                sandbox.moved().notify_waiters();
                envelope::reply(Ok(json!({})))
            }
        }
    };
    sandbox.answer(&place, envelope::refuse, answer).await
}

/// Returns the publication in the body, if it is the caller's.
fn owned<'world>(
    world: &'world mut World,
    endpoint: &'static str,
    now: i64,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<&'world mut Publication, Refusal> {
    let caller = world.caller(request::bearer(headers), now)?;
    caller.needs(&["video.publish", "video.upload"])?;
    let per_minute = world.limits.statuses_per_minute;
    world.windows.pass(&caller.token, endpoint, now, per_minute)?;
    let Asked { publish_id } = envelope::body(headers, body)?;
    match world.publications.get_mut(&publish_id) {
        None => Err(Refusal::new(400, "invalid_publish_id", "The publish_id does not exist.")),
        Some(publication) if publication.open_id != caller.open_id => {
            let message = "The access token is not authorized for the publish_id.";
            Err(Refusal::new(400, "token_not_authorized_for_specified_publish_id", message))
        }
        Some(publication) => Ok(publication),
    }
}

async fn await_download(sandbox: &Sandbox, body: &Bytes) {
    let Ok(Asked { publish_id }) = serde_json::from_slice(body) else { return };
    settled(sandbox, || {
        sandbox.read(|state, _| {
            state.tiktok.publications.get(&publish_id).is_some_and(|one| one.phase == Phase::Pulling)
        })
    })
    .await;
}
