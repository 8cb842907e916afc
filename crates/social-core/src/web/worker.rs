//! The function `social-post-worker`: publishes what is due.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{FromRef, FromRequest as _, FromRequestParts, Request, State};
use axum::middleware::from_extractor_with_state;
use http::request::Parts;
use serde::Serialize;
use tracing::Instrument as _;
use utoipa::ToSchema;

use super::assignment::{Assignment, AssignmentCode};
use super::bearer::Bearer;
use super::body::Raw;
use super::codes::{BodyCode, RawCode, WorkerCode};
use super::emf::Emf;
use super::endpoints::endpoints;
use super::error::ApiError;
use super::function::{Arrival, Function};
use super::json::Json;
use super::messages::{__path_messages, messages};
use super::responses::Fails;
use super::shared::{Shared, StartError};
use crate::clock::{Deadline, between};
use crate::config::ConfigError;
use crate::model::{RequestId, ResultId};
use crate::publish::{Budget, Publisher, Report};
use crate::store::{Pulse, Reach, Store, StoreError};
use crate::trace;
use crate::webhooks::{Courier, Deliveries, refused_endpoints};

/// One invocation in 64 also does maintenance. The more invocations run, the less each one needs to do.
const TIDY_ONE_IN: u8 = 64;

/// 5 s: deleting old rows must not delay what is due. The next maintenance continues.
const LONGEST_SWEEP: Duration = Duration::from_secs(5);

/// 6 MiB in KiB: the largest event of Lambda. Several messages of a queue arrive as one event.
const LARGEST_EVENT: u64 = 6 * 1024;

/// The state of the function.
#[derive(Clone)]
struct Worker {
    publisher: Publisher,
    courier: Option<Courier>,
    emf: Option<Arc<Emf>>,
}

impl FromRef<Worker> for Store {
    fn from_ref(worker: &Worker) -> Self {
        worker.publisher.flow.store.clone()
    }
}

endpoints!(Worker; run: __path_run, messages: __path_messages);

/// Returns the function `social-post-worker`.
///
/// # Errors
/// See [`StartError`].
pub fn social_post_worker(shared: &Shared) -> Result<Function, StartError> {
    with_publisher(shared.publisher()?, shared)
}

/// Returns the function over a publisher that its process can stop.
///
/// # Errors
/// See [`StartError`].
pub(super) fn with_publisher(publisher: Publisher, shared: &Shared) -> Result<Function, StartError> {
    let refused = refused_endpoints(&shared.config);
    if !refused.is_empty() {
        return Err(ConfigError::of("WEBHOOK_URLS", refused).into());
    }
    let courier = Courier::new(&shared.config, &shared.store, &shared.clock, &shared.entropy)?;
    let emf = shared.config.worker.emf.clone().map(|function| Arc::new(Emf::new(function)));
    let state = Worker { publisher, courier, emf };
    let guard = from_extractor_with_state::<Allowed, _>(state.clone());
    Ok(Function::new("social-post-worker", routes().layer(guard).with_state(state), shared))
}

/// A caller who may call the worker: with its secret, or where the call needs none.
struct Allowed;

impl FromRequestParts<Worker> for Allowed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Worker) -> Result<Self, ApiError> {
        let Ok(arrival) = Arrival::from_request_parts(parts, state).await;
        let worker = &state.publisher.flow.config.worker;
        // Anyone can send this header to a function with a URL, so it counts only where the worker has none.
        let scheduled = worker.netlify_scheduled
            && parts.headers.get("x-nf-event").is_some_and(|event| event == "schedule");
        if arrival.trusted || scheduled || Bearer::of(&parts.headers).is(worker.secret.expose()) {
            Ok(Self)
        } else {
            Err(WorkerCode::Unauthorized.into())
        }
    }
}

/// The due results, for other invocations.
#[derive(Debug, Serialize, ToSchema)]
struct DueBatches {
    /// How many results are due, at most `most`.
    due: usize,
    /// One body for each further invocation.
    batches: Vec<Batch>,
}

/// The body of one invocation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Batch {
    result_ids: Vec<ResultId>,
}

/// What the worker did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum Work {
    /// It processed results.
    Report(Report),
    /// It listed results.
    Due(DueBatches),
    /// It made messages due again.
    Redelivery(Redelivery),
}

/// The webhook messages that are due again.
#[derive(Debug, Serialize, ToSchema)]
struct Redelivery {
    /// How many they are.
    redelivered: i64,
}

/// Publishes what is due, until nothing is or the time is up.
#[utoipa::path(post, path = "/social-post-worker", operation_id = "runWorker", tag = "operation",
    security(("worker" = [])),
    request_body(content = Object, content_type = "application/json",
        description = "`resultIds` to process, `dispatch` to list what is due, or `redeliver` to send webhook messages again. Without a body, or with other JSON: whatever is due."),
    responses(
        (status = 200, description = "A report, even if single results failed; or the due results.", body = Work),
        Fails<(RawCode, BodyCode, WorkerCode, AssignmentCode)>,
    ))]
async fn run(
    State(state): State<Worker>,
    arrival: Arrival,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Result<Json<Work>, ApiError> {
    let assignment = if arrival.trusted {
        let event = Raw::<LARGEST_EVENT>::from_request(request, &state).await?;
        Assignment::read(event.bytes(), true)?
    } else {
        let body = Raw::<256>::from_request(request, &state).await?;
        Assignment::read(body.bytes(), false)?
    };
    let reach = match &assignment {
        Assignment::Everything => Reach::Everything,
        Assignment::Only(results) => Reach::Only(results),
        Assignment::Dispatch { batch_size, most } => {
            return state.dispatch(*batch_size, *most).await.map(|due| Json(Work::Due(due)));
        }
        Assignment::Redeliver { messages, since } => {
            let store = &state.publisher.flow.store;
            let redelivered = store.redeliver_messages(messages, *since).await?;
            return Ok(Json(Work::Redelivery(Redelivery { redelivered })));
        }
    };
    let flow = &state.publisher.flow;
    let worker = &flow.config.worker;
    let started = flow.clock.now();
    let deadline = arrival.deadline.unwrap_or_else(|| Deadline::after(started, worker.budget));
    // This comes first, or a worker that is always busy would never do it.
    if let Err(error) = state.tidy(deadline).await {
        // Due results are not affected. The next maintenance run repeats it.
        tracing::warn!(error.code = error.code(), "maintenance failed: {error}");
    }
    let budget = Budget { deadline, concurrency: worker.concurrency };
    // Beside the results: a worker that is always busy has no other time for it.
    let span = trace::run(&id);
    let running = state.publisher.run(budget, reach, &id).instrument(span.clone());
    let (report, ()) = tokio::join!(running, state.deliver(deadline));
    let report = report?;
    span.record("leased", report.leased)
        .record("published", report.published)
        .record("failed", report.failed);
    if report.leased > 0 {
        state.deliver(deadline).await;
    }
    if report.leased > 0 || report.oldest_due_seconds > Pulse::LATE {
        // An alarm can watch this line: a schedule discards the response.
        tracing::info!(
            leased = report.leased,
            published = report.published,
            failed = report.failed,
            in_doubt = report.in_doubt,
            oldest_due_seconds = report.oldest_due_seconds,
            "the worker stepped {} results",
            report.leased
        );
    }
    if let Some(emf) = &state.emf {
        let now = flow.clock.now();
        emf.write(&report, now, between(started, now));
    }
    Ok(Json(Work::Report(report)))
}

impl Worker {
    /// Returns the due results in batches, each for an invocation that processes only those.
    async fn dispatch(&self, batch_size: usize, most: usize) -> Result<DueBatches, ApiError> {
        let due = self.publisher.flow.store.list_due(most).await?;
        let batches = due.chunks(batch_size).map(|ids| Batch { result_ids: ids.to_vec() }).collect();
        Ok(DueBatches { due: due.len(), batches })
    }

    /// Sends webhook messages. What fails is sent again by the next invocation.
    async fn deliver(&self, deadline: Deadline) {
        let Some(courier) = &self.courier else { return };
        match courier.deliver(deadline).await {
            Ok(Deliveries { delivered: 0, failed: 0 }) => {}
            Ok(Deliveries { delivered, failed }) => {
                tracing::info!(
                    delivered,
                    failed,
                    "{delivered} webhook messages were delivered, {failed} not"
                );
            }
            Err(error) => {
                tracing::warn!(error.code = error.code(), "webhook messages were not delivered: {error}");
            }
        }
    }

    async fn tidy(&self, deadline: Deadline) -> Result<(), StoreError> {
        let flow = &self.publisher.flow;
        let [draw] = crate::entropy::bytes::<1>(&*flow.entropy);
        if draw % TIDY_ONE_IN == 0 {
            let end =
                Deadline::after(flow.clock.now(), LONGEST_SWEEP.min(deadline.left(flow.clock.now()) / 4));
            while flow.store.sweep(flow.config.worker.retention).await?
                && !end.left(flow.clock.now()).is_zero()
            {}
            flow.store.reseal().await?;
            flow.store.tidy_messages().await?;
            flow.refresh_idle(deadline).await?;
        }
        Ok(())
    }
}
