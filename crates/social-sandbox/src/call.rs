//! Handles one incoming call, with the faults that were requested for it.

use crate::fault::FaultKind;
use crate::place::Place;
use crate::sandbox::Sandbox;
use crate::serve::{half_of, hang_up};
use axum::body::Body;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use std::time::Duration;

/// Writes an error in a platform's format, with a code from a fault.
pub(crate) type Refuse = fn(StatusCode, &str) -> Response;

impl Sandbox {
    /// Counts the call and responds to it, or lets a requested fault happen.
    pub(crate) async fn answer(
        &self,
        place: &Place,
        refuse: Refuse,
        work: impl Future<Output = Response> + Send,
    ) -> Response {
        let fault = self.change(|state, _| {
            for name in &place.names {
                let key = format!("{}/{name}", place.platform);
                *state.calls.entry(key).or_default() += 1;
            }
            state.faults.take_for_call(place)
        });
        match fault {
            None
            | Some(
                FaultKind::FailReason { .. }
                | FaultKind::SlowProcessing { .. }
                | FaultKind::UnknownStatus
                | FaultKind::Cut { .. }
                | FaultKind::Moved,
            ) => work.await,
            Some(FaultKind::Status { status, code, retry_after }) => {
                let mut response = refuse(status_of(status), &code);
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                }
                response
            }
            Some(FaultKind::StatusAfter { status, code }) => {
                work.await;
                refuse(status_of(status), &code)
            }
            Some(FaultKind::Bare { status }) => empty(status_of(status)),
            Some(FaultKind::BareAfter { status }) => {
                work.await;
                empty(status_of(status))
            }
            Some(FaultKind::Html { status }) => {
                let page = "<html><head><title>Oops</title></head><body><h1>Gateway</h1></body></html>";
                (status_of(status), Html(page)).into_response()
            }
            Some(FaultKind::HangUpBefore) => hang_up(),
            Some(FaultKind::HangUpAfter) => {
                work.await;
                hang_up()
            }
            Some(FaultKind::Truncated) => half_of(work.await).await,
            Some(FaultKind::Delay { ms }) => {
                let response = work.await;
                tokio::time::sleep(Duration::from_millis(ms)).await;
                response
            }
        }
    }
}

fn status_of(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Returns an empty response.
pub(crate) fn empty(status: StatusCode) -> Response {
    (status, Body::empty()).into_response()
}
