//! The work that an invocation of the worker is asked to do.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::body;
use super::codes::codes;
use super::error::ApiError;
use crate::clock::{Timestamp, rfc3339_or_null};
use crate::model::ResultId;
use crate::platform::read_json;

codes! {
    /// The work cannot be done as asked.
    AssignmentCode {
        TooManyResults = 422 "too_many_results" "One invocation takes up to 1000 results.",
        InvalidRedelivery = 422 "invalid_redelivery" "Send redeliver alone, with the ids of messages or a time since when.",
        InvalidDispatch = 422 "invalid_dispatch" "Send either resultIds to process or dispatch to list what is due, not both.",
    }
}

/// A thousand: an invocation with as many results still finishes within a run or two.
const MOST_HANDED: usize = 1_000;
/// Ten thousand ids are some 400 kB. A Lambda response, or a step of a workflow, may hold twice that.
const MOST_DISPATCHED: usize = 10_000;

/// The work that an invocation of the worker is asked to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Assignment {
    /// Process all due results.
    Everything,
    /// Process these results, if they are due.
    Only(Vec<ResultId>),
    /// Process nothing, and return the due results in batches for other invocations.
    Dispatch {
        /// The number of results in a batch.
        batch_size: usize,
        /// The number of results in total.
        most: usize,
    },
    /// Process nothing, and make webhook messages due again.
    Redeliver {
        /// These, also delivered ones.
        messages: Vec<Uuid>,
        /// Those that were not delivered since then.
        since: Option<Timestamp>,
    },
}

/// What the worker should do. Without either member: whatever is due.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    /// Process those of these results that are due.
    result_ids: Option<Vec<Uuid>>,
    /// Process nothing, and list what is due in batches.
    dispatch: Option<Dispatch>,
    /// Process nothing, and make webhook messages due again.
    redeliver: Option<Redeliver>,
}

/// Which webhook messages to send again.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Redeliver {
    /// These, also delivered ones: `webhook-id`.
    #[serde(default)]
    ids: Vec<String>,
    /// Those that were not delivered since then.
    #[serde(default, deserialize_with = "rfc3339_or_null")]
    since: Option<Timestamp>,
}

/// How to list what is due.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Dispatch {
    /// The number of results in a batch.
    #[serde(default = "fifty")]
    batch_size: usize,
    /// The number of results in total.
    #[serde(default = "thousand")]
    most: usize,
}

fn fifty() -> usize {
    50
}

fn thousand() -> usize {
    1_000
}

impl Redeliver {
    fn read(self) -> Result<Assignment, ApiError> {
        let wrong = || ApiError::from(AssignmentCode::InvalidRedelivery);
        if self.ids.is_empty() == self.since.is_none() || self.ids.len() > MOST_HANDED {
            return Err(wrong().of("redeliver"));
        }
        let id = |text: &String| Uuid::parse_str(text.strip_prefix("msg_")?).ok();
        let messages = self.ids.iter().map(id).collect::<Option<_>>();
        messages
            .map(|messages| Assignment::Redeliver { messages, since: self.since })
            .ok_or_else(|| wrong().of("redeliver.ids"))
    }
}

impl Assignment {
    /// Reads the work from a call's body. Schedulers and queues send bodies of their own, from inside the
    /// cloud and over HTTP, so unknown fields are ignored. A request's body must at least be JSON, or empty.
    pub(super) fn read(body: &[u8], is_trusted: bool) -> Result<Self, ApiError> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::Everything);
        }
        if is_trusted {
            return serde_json::from_slice(body).map_or(Ok(Self::Everything), |event| Self::of_event(&event));
        }
        Self::of_event(&body::value(body)?)
    }

    fn of_event(event: &Value) -> Result<Self, ApiError> {
        let Some(records) = event.get("Records").and_then(Value::as_array) else {
            return Self::of_value(event);
        };
        let (mut handed, mut wakes, mut unreadable) = (Vec::new(), records.is_empty(), None);
        for record in records {
            match Self::of_record(record) {
                Ok(Self::Only(results)) => handed.extend(results),
                // One message that only wakes the worker makes it process all due results.
                Ok(Self::Everything | Self::Dispatch { .. } | Self::Redeliver { .. }) => wakes = true,
                // The queue alone gets a report about it: see `batch_report`.
                Err(error) => unreadable = unreadable.or(Some(error)),
            }
        }
        match unreadable {
            _ if wakes => Ok(Self::Everything),
            Some(error) if handed.is_empty() => Err(error),
            _ => Ok(Self::Only(handed)),
        }
    }

    /// Reads one message of a queue. A message that is not JSON only wakes the worker.
    fn of_record(record: &Value) -> Result<Self, ApiError> {
        let message =
            record.get("body").and_then(Value::as_str).and_then(|body| serde_json::from_str(body).ok());
        Self::of_value(&message.unwrap_or(Value::Null))
    }

    /// Reports whether a message of a queue can be read. Repeating an unreadable one would only move it to
    /// the dead-letter queue.
    pub(super) fn is_readable(record: &Value) -> bool {
        Self::of_record(record).is_ok()
    }

    fn of_value(value: &Value) -> Result<Self, ApiError> {
        if ["resultIds", "dispatch", "redeliver"].iter().all(|member| value.get(member).is_none()) {
            return Ok(Self::Everything);
        }
        Self::of(read_json("The event", value)?)
    }

    fn of(body: Body) -> Result<Self, ApiError> {
        match body {
            Body { result_ids: None, dispatch: None, redeliver: None } => Ok(Self::Everything),
            Body { result_ids: None, dispatch: None, redeliver: Some(again) } => again.read(),
            Body { redeliver: Some(_), .. } => {
                Err(ApiError::from(AssignmentCode::InvalidRedelivery).of("redeliver"))
            }
            Body { result_ids: Some(results), dispatch: None, .. } if results.len() <= MOST_HANDED => {
                Ok(Self::Only(results.into_iter().map(ResultId).collect()))
            }
            Body { result_ids: Some(_), dispatch: None, .. } => {
                let message = format!("One invocation takes up to {MOST_HANDED} results.");
                Err(ApiError::from(AssignmentCode::TooManyResults).of("resultIds").saying(message))
            }
            Body { result_ids: None, dispatch: Some(Dispatch { batch_size, most }), .. }
                if (1..=MOST_HANDED).contains(&batch_size) && (1..=MOST_DISPATCHED).contains(&most) =>
            {
                Ok(Self::Dispatch { batch_size, most })
            }
            Body { result_ids: None, dispatch: Some(_), .. } => {
                let message = format!(
                    "batchSize must be from 1 to {MOST_HANDED}, and most from 1 to {MOST_DISPATCHED}."
                );
                Err(ApiError::from(AssignmentCode::InvalidDispatch).of("dispatch").saying(message))
            }
            Body { result_ids: Some(_), dispatch: Some(_), .. } => {
                Err(ApiError::from(AssignmentCode::InvalidDispatch).of("dispatch"))
            }
        }
    }
}
