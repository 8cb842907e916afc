//! The upload host: one PUT per chunk, in order.

use super::bearer::at;
use super::envelope::refuse_bare;
use super::limits::Progress;
use super::publication::{Phase, Publication};
use super::source::{ChunkPlan, Source};
use super::upload::Upload;
use super::world::World;
use crate::place::Place;
use crate::receiver::{NotWhole, Receiver, Taken, digest};
use crate::request::{ContentRange, content_length, is_of};
use crate::sandbox::Sandbox;
use crate::serve::hang_up;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;

const KINDS: [&str; 3] = ["video/mp4", "video/quicktime", "video/webm"];

/// Explains why a chunk is rejected.
#[derive(Debug)]
enum NotTaken {
    Refused(StatusCode, &'static str),
    OutOfOrder { committed: u64, total: u64, progress: Progress },
}

impl IntoResponse for NotTaken {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(status, why) => refuse_bare(status, why),
            Self::OutOfOrder { committed, total, progress } => {
                progressed(StatusCode::RANGE_NOT_SATISFIABLE, committed, total, progress)
            }
        }
    }
}

/// An accepted chunk.
struct Ticket {
    publish_id: String,
    video: String,
    plan: ChunkPlan,
    start: u64,
    end: u64,
    taken: Taken,
    request: u64,
}

pub(super) async fn chunk(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let query = query.unwrap_or_default();
    let field = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let (id, token) = (field("upload_id"), field("upload_token"));
    let range = ContentRange::read(&headers);
    let account = sandbox.read(|state, _| {
        let world = &state.tiktok;
        world.who(&world.publications.get(world.uploads.get(&id)?)?.open_id)
    });
    let names: &[&str] = match range {
        Some(range) if range.is_last() => &["upload_last", "upload"],
        Some(_) | None => &["upload"],
    };
    let place = at(names, account);
    let answer = async {
        let ticket = sandbox.change(|state, now| state.tiktok.admit(&id, &token, range, &headers, now));
        match ticket {
            Err(refused) => {
                // As gateways do, the whole request is read. Otherwise the error response would be lost in a
                // reset connection.
                let mut body = body;
                while let Some(Ok(_)) = body.frame().await {}
                refused.into_response()
            }
            Ok(ticket) => receive(&sandbox, &place, ticket, body).await.into_response(),
        }
    };
    sandbox.answer(&place, refuse_bare, answer).await
}

impl World {
    fn admit(
        &mut self,
        id: &str,
        token: &str,
        range: Option<ContentRange>,
        headers: &HeaderMap,
        now: i64,
    ) -> Result<Ticket, NotTaken> {
        let progress = self.limits.uploaded_bytes;
        let found = self.uploads.get(id).and_then(|publish_id| self.publications.get_mut(publish_id));
        let Some(Publication { upload: Some(upload), source: Source::File(plan), publish_id, phase, .. }) =
            found
        else {
            return Err(NotTaken::Refused(StatusCode::NOT_FOUND, "no such upload task"));
        };
        if upload.token != token || upload.expires_at <= now {
            return Err(NotTaken::Refused(StatusCode::FORBIDDEN, "the upload url is expired"));
        }
        let bad = |what| Err(NotTaken::Refused(StatusCode::BAD_REQUEST, what));
        if headers.contains_key(header::TRANSFER_ENCODING) {
            return bad("chunked encoding is not supported");
        }
        let Some(length) = content_length(headers) else { return bad("Content-Length is missing") };
        if !KINDS.iter().any(|kind| is_of(headers, kind)) {
            return bad("Content-Type is not a video's");
        }
        let Some(ContentRange::Bytes { first, last, total: Some(total) }) = range else {
            return bad("Content-Range is missing or malformed");
        };
        let end = last.saturating_add(1);
        if last < first || total != plan.size || end > plan.size {
            return bad("Content-Range is not within the video");
        }
        if end - first != length {
            return bad("Content-Length and Content-Range differ");
        }
        if first != upload.committed || *phase != Phase::Receiving {
            return Err(NotTaken::OutOfOrder { committed: upload.committed, total: plan.size, progress });
        }
        if plan.chunk_at(first) != (first..end) {
            return bad("the chunk is not one of those announced");
        }
        upload.request = upload.request.saturating_add(1);
        Ok(Ticket {
            publish_id: publish_id.clone(),
            video: id.into(),
            plan: *plan,
            start: first,
            end,
            taken: upload.taken.clone(),
            request: upload.request,
        })
    }

    /// Returns the upload if this PUT is the latest and nothing has arrived since.
    fn current(&mut self, ticket: &Ticket) -> Option<&mut Upload> {
        let upload = self.publications.get_mut(&ticket.publish_id)?.upload.as_mut()?;
        (upload.request == ticket.request && upload.committed == ticket.start).then_some(upload)
    }

    /// Records that all bytes have arrived.
    pub(super) fn arrive(&mut self, publish_id: &str, now: i64, size: u64, sha256: String, taken: &Taken) {
        let id = self.fresh_id();
        let Some(publication) = self.publications.get_mut(publish_id) else { return };
        publication.arrive(now, size, sha256, taken, &self.limits, id);
        self.unsettled.insert(publish_id.into());
        if publication.post_id.is_some() {
            self.posts.insert(id, publish_id.into());
        }
    }
}

/// Receives the chunk; none of it counts before all of it has arrived.
async fn receive(sandbox: &Sandbox, place: &Place, ticket: Ticket, body: Body) -> Result<Response, NotTaken> {
    let broken = |_| NotTaken::Refused(StatusCode::INTERNAL_SERVER_ERROR, "internal_error");
    let cut = sandbox.change(|state, _| state.faults.take_cut(place));
    let mut receiver =
        Receiver::open(sandbox, &ticket.video, ticket.start, ticket.taken.clone()).map_err(broken)?;
    let wanted = |_, _: &Taken| sandbox.change(|state, _| state.tiktok.current(&ticket).is_some());
    let count = match receiver.drink(body, cut, u64::MAX, wanted).await {
        Ok(count) => count,
        Err(NotWhole::Fault) => return Ok(hang_up()),
        Err(NotWhole::Cut) => return Err(NotTaken::Refused(StatusCode::BAD_REQUEST, "the chunk was cut")),
        Err(NotWhole::Unwanted) => {
            return Err(NotTaken::Refused(StatusCode::CONFLICT, "another request sends this chunk"));
        }
        Err(NotWhole::Disk(error)) => return Err(broken(error)),
    };
    if count != ticket.end - ticket.start {
        return Err(NotTaken::Refused(StatusCode::BAD_REQUEST, "the chunk was cut"));
    }
    let taken = receiver.finish();
    let size = ticket.plan.size;
    let sha256 = if ticket.end == size {
        Some(digest(sandbox, &ticket.video, size, taken.clone()).await.map_err(broken)?)
    } else {
        None
    };
    sandbox.change(|state, now| {
        let progress = state.tiktok.limits.uploaded_bytes;
        let Some(upload) = state.tiktok.current(&ticket) else {
            return Err(NotTaken::Refused(StatusCode::CONFLICT, "another request has sent this chunk"));
        };
        upload.committed = ticket.end;
        upload.taken = taken.clone();
        for fault in state.faults.take_for_outcome(place) {
            if let Some(publication) = state.tiktok.publications.get_mut(&ticket.publish_id) {
                publication.suffer(fault);
            }
        }
        let status = match sha256 {
            None => StatusCode::PARTIAL_CONTENT,
            Some(sha256) => {
                state.tiktok.arrive(&ticket.publish_id, now, size, sha256, &taken);
                StatusCode::CREATED
            }
        };
        Ok(progressed(status, ticket.end, size, progress))
    })
}

fn progressed(status: StatusCode, committed: u64, total: u64, progress: Progress) -> Response {
    let shown = match progress {
        Progress::Count => committed,
        Progress::LastIndex => committed.saturating_sub(1),
    };
    (status, [(header::CONTENT_RANGE, format!("bytes 0-{shown}/{total}"))]).into_response()
}
