//! The upload host, `rupload.facebook.com`: one POST with all missing bytes, from an offset.

use super::envelope::json;
use super::grant::{Caller, Grants, Kind};
use super::intake::{Intake, Source, download};
use crate::address::may_be_pulled;
use crate::place::Place;
use crate::platforms::Memory;
use crate::receiver::{NotWhole, Receiver, Taken, digest};
use crate::request;
use crate::sandbox::Sandbox;
use crate::serve::hang_up;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::post;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::json as value;
use url::Url;

/// Bytes are counted in blocks of this size; an interruption discards an incomplete block.
const STRETCH: u64 = 64 << 10;

/// The owner of the upload, by the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    Instagram,
    Facebook,
}

/// Explains why bytes are rejected.
struct NotTaken {
    status: StatusCode,
    kind: &'static str,
    message: &'static str,
}

const PARTIAL: NotTaken = NotTaken {
    status: StatusCode::BAD_REQUEST,
    kind: "PartialRequestError",
    message: "The request ended before file_size",
};
const OVERTAKEN: NotTaken = NotTaken {
    status: StatusCode::CONFLICT,
    kind: "OffsetInvalidError",
    message: "Another request sends these bytes",
};

/// The outcome of a request with bytes.
enum Received {
    Whole,
    /// A fault ended the connection.
    Cut,
}

/// Bytes that are accepted.
struct Ticket {
    id: String,
    start: u64,
    end: u64,
    size: u64,
    taken: Taken,
    request: u64,
}

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/ig-api-upload/{version}/{id}", post(instagram))
        .route("/video-upload/{version}/{id}", post(facebook))
}

async fn instagram(
    State(sandbox): State<Sandbox>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    upload(&sandbox, Host::Instagram, id, &headers, body).await
}

async fn facebook(
    State(sandbox): State<Sandbox>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    upload(&sandbox, Host::Facebook, id, &headers, body).await
}

impl Host {
    fn grants(self, state: &Memory) -> &Grants {
        match self {
            Self::Instagram => &state.instagram.grants,
            Self::Facebook => &state.facebook.grants,
        }
    }

    fn may_send(self, caller: &Caller, intake: &Intake) -> bool {
        match (self, &caller.token.kind) {
            (Self::Instagram, Kind::Short | Kind::Long) => caller.token.user == intake.account,
            (Self::Facebook, Kind::Page(page)) => *page == intake.account,
            (Self::Instagram, Kind::Page(_)) | (Self::Facebook, Kind::Short | Kind::Long) => false,
        }
    }

    fn place(self, state: &Memory, id: &str) -> Place {
        let owner = state.meta.intakes.get(id).map(|intake| &intake.account);
        match self {
            Self::Instagram => super::place(
                crate::instagram::PLATFORM,
                &["upload"],
                owner.and_then(|owner| state.instagram.who(owner)),
            ),
            Self::Facebook => super::place(
                crate::facebook::PLATFORM,
                &["upload"],
                owner.and_then(|owner| state.facebook.who(owner)),
            ),
        }
    }
}

async fn upload(sandbox: &Sandbox, host: Host, id: String, headers: &HeaderMap, body: Body) -> Response {
    let place = sandbox.read(|state, _| host.place(state, &id));
    let answer = async {
        let admitted = sandbox.change(|state, now| admit(state, host, &id, headers, now));
        let result = match admitted {
            Err(refused) => {
                // As gateways do, the whole request is read. Otherwise the error response would be lost in a
                // reset connection.
                let mut body = body;
                while let Some(Ok(_)) = body.frame().await {}
                Err(refused)
            }
            Ok(None) => {
                download(sandbox, &id);
                Ok(Received::Whole)
            }
            Ok(Some(ticket)) => {
                let cut = sandbox.change(|state, _| state.faults.take_cut(&place));
                receive(sandbox, ticket, body, cut).await
            }
        };
        match (result, host) {
            (Ok(Received::Cut), _) => hang_up(),
            (Ok(Received::Whole), Host::Instagram) => {
                json(StatusCode::OK, &value!({ "success": true, "message": "Upload successful." }))
            }
            (Ok(Received::Whole), Host::Facebook) => json(StatusCode::OK, &value!({ "success": true })),
            (Err(NotTaken { status, kind, message }), _) => refuse_as(status, kind, message),
        }
    };
    sandbox.answer(&place, refuse, answer).await
}

/// Returns an error of this host with a type from a fault.
fn refuse(status: StatusCode, kind: &str) -> Response {
    refuse_as(status, kind, "A fault of the sandbox was requested.")
}

fn refuse_as(status: StatusCode, kind: &str, message: &str) -> Response {
    let retriable = status.is_server_error();
    json(status, &value!({ "debug_info": { "retriable": retriable, "type": kind, "message": message } }))
}

/// Checks the headers. Returns a ticket for bytes, or none if Meta fetches the file itself.
fn admit(
    state: &mut Memory,
    host: Host,
    id: &str,
    headers: &HeaderMap,
    now: i64,
) -> Result<Option<Ticket>, NotTaken> {
    let refuse = |status, kind, message| Err(NotTaken { status, kind, message });
    let bad = |kind, message| refuse(StatusCode::BAD_REQUEST, kind, message);
    let caller = host.grants(state).caller(request::token(headers, "oauth"), now);
    let Some(intake) = state.meta.intakes.get_mut(id) else {
        return refuse(StatusCode::NOT_FOUND, "ProcessingFailedError", "There is no such upload session");
    };
    if !caller.is_ok_and(|caller| host.may_send(&caller, intake)) {
        return refuse(StatusCode::UNAUTHORIZED, "NotAuthorizedError", "The token is not this session's");
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let number = |name: &str| text(name).and_then(|text| text.trim().parse::<u64>().ok());
    let Some(length) = number(header::CONTENT_LENGTH.as_str()) else {
        return bad("PartialRequestError", "Content-Length is missing");
    };
    if let Some(url) = text("file_url") {
        if length != 0 || !Url::parse(url).is_ok_and(|url| may_be_pulled(&url)) {
            return bad("ProcessingFailedError", "file_url must be a public address, and the body empty");
        }
        intake.source = Source::Url(url.to_owned());
        intake.lost = false;
        return Ok(None);
    }
    let (Some(offset), Some(size)) = (number("offset"), number("file_size")) else {
        return bad("PartialRequestError", "offset or file_size is missing");
    };
    if intake.source != Source::Bytes || intake.arrived.is_some() || offset != intake.received {
        return bad("OffsetInvalidError", "The offset is not where the upload stands");
    }
    if size == 0 || intake.size.is_some_and(|known| known != size) || offset.checked_add(length) != Some(size)
    {
        return bad(
            "PartialRequestError",
            "The request does not hold the bytes from the offset to file_size",
        );
    }
    intake.size = Some(size);
    intake.request = intake.request.saturating_add(1);
    Ok(Some(Ticket {
        id: id.into(),
        start: offset,
        end: size,
        size,
        taken: intake.taken.clone(),
        request: intake.request,
    }))
}

/// Receives the bytes block by block: complete blocks survive an interruption.
async fn receive(
    sandbox: &Sandbox,
    ticket: Ticket,
    body: Body,
    cut: Option<u64>,
) -> Result<Received, NotTaken> {
    let broken = |_| NotTaken {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        kind: "ProcessingFailedError",
        message: "The bytes could not be written",
    };
    let mut receiver =
        Receiver::open(sandbox, &ticket.id, ticket.start, ticket.taken.clone()).map_err(broken)?;
    let note = |count: u64, taken: &Taken| {
        sandbox.change(|state, _| {
            let Ok(intake) = state.current(&ticket) else { return false };
            if count.is_multiple_of(STRETCH) && count > 0 && ticket.start + count < ticket.end {
                intake.received = ticket.start + count;
                intake.taken = taken.clone();
            }
            true
        })
    };
    let count = match receiver.drink(body, cut, STRETCH, note).await {
        Ok(count) => count,
        Err(NotWhole::Fault) => return Ok(Received::Cut),
        Err(NotWhole::Cut) => return Err(PARTIAL),
        Err(NotWhole::Unwanted) => return Err(OVERTAKEN),
        Err(NotWhole::Disk(error)) => return Err(broken(error)),
    };
    if ticket.start + count != ticket.end {
        return Err(PARTIAL);
    }
    let taken = receiver.finish();
    let sha256 = digest(sandbox, &ticket.id, ticket.size, taken.clone()).await.map_err(broken)?;
    sandbox.change(|state, now| {
        let intake = state.current(&ticket)?;
        intake.arrive(now, ticket.size, sha256, &taken);
        Ok(Received::Whole)
    })
}

impl Memory {
    /// Returns the video if this request is the latest for it.
    fn current(&mut self, ticket: &Ticket) -> Result<&mut Intake, NotTaken> {
        let intake = self.meta.intakes.get_mut(&ticket.id).filter(|intake| intake.request == ticket.request);
        intake.filter(|intake| intake.arrived.is_none()).ok_or(OVERTAKEN)
    }
}
