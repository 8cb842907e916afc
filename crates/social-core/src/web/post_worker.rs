//! The endpoint `social-post-worker`: publishes what is due.

use bytes::Bytes;
use http::{Method, Response};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::assignment::Assignment;
use super::request::Incoming;
use super::respond::{ApiError, json_response};
use super::{App, method_not_allowed};
use crate::clock::Deadline;
use crate::publish::Budget;
use crate::store::{Pulse, Reach, StoreError};

/// One invocation in 64 also does maintenance. The more invocations run, the less each one needs to do.
const TIDY_ONE_IN: u8 = 64;

impl App {
    pub(super) async fn post_worker(&self, incoming: &Incoming) -> Result<Response<Bytes>, ApiError> {
        if !self.may_work(incoming) {
            // A missing and a wrong secret get the same response.
            return Err(ApiError::new(
                401,
                "unauthorized",
                "Send the worker's secret as Authorization: Bearer <secret>.",
            ));
        }
        if incoming.method != Method::POST {
            return Err(method_not_allowed(&incoming.method, "POST"));
        }
        let assignment = Assignment::read(incoming)?;
        let reach = match &assignment {
            Assignment::Everything => Reach::Everything,
            Assignment::Only(results) => Reach::Only(results),
            Assignment::Dispatch { batch_size, most } => return self.dispatch(*batch_size, *most).await,
        };
        let worker = &self.flow().config.worker;
        let deadline =
            incoming.arrival.deadline.unwrap_or_else(|| Deadline::after(incoming.now, worker.budget));
        // This comes first, or a worker that is always busy would never do it.
        if let Err(error) = self.tidy(deadline).await {
            // Due results are not affected. The next maintenance run repeats it.
            tracing::warn!(error.code = error.code(), "maintenance failed: {error}");
        }
        let report = self.publisher.run(Budget { deadline, concurrency: worker.concurrency }, reach).await?;
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
        Ok(json_response(200, &report))
    }

    /// Accepts the secret, compared in constant time, or a call that needs none.
    fn may_work(&self, incoming: &Incoming) -> bool {
        let worker = &self.flow().config.worker;
        // Anyone can send this header to a function with a URL, so it counts only where the worker has none.
        let scheduled = worker.netlify_scheduled && incoming.header("x-nf-event") == Some("schedule");
        let given = incoming.bearer().unwrap_or_default();
        incoming.arrival.trusted
            || scheduled
            || bool::from(given.as_bytes().ct_eq(worker.secret.expose().as_bytes()))
    }

    /// Returns the due results in batches, each for an invocation that processes only those.
    async fn dispatch(&self, batch_size: usize, most: usize) -> Result<Response<Bytes>, ApiError> {
        let due = self.store().list_due(most).await?;
        let batches: Vec<_> = due.chunks(batch_size).map(|ids| json!({ "resultIds": ids })).collect();
        Ok(json_response(200, &json!({ "due": due.len(), "batches": batches })))
    }

    async fn tidy(&self, deadline: Deadline) -> Result<(), StoreError> {
        let [draw] = crate::entropy::bytes::<1>(&*self.flow().entropy);
        if draw % TIDY_ONE_IN == 0 {
            self.store().sweep().await?;
            self.store().reseal().await?;
            self.flow().refresh_idle(deadline).await?;
        }
        Ok(())
    }
}
