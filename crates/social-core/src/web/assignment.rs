//! What an invocation of the worker is asked to do.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::request::Incoming;
use super::respond::ApiError;
use crate::model::ResultId;

/// A thousand: what one invocation can be handed and still finish in a slice or two.
const MOST_HANDED: usize = 1_000;
/// Ten thousand ids are some 400 kB: well within what a Lambda answer, or a step of a workflow, may hold twice.
const MOST_DISPATCHED: usize = 10_000;

/// What an invocation of the worker is asked to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Assignment {
    /// Work on whatever is due.
    Everything,
    /// Work on these, as far as they are due.
    Only(Vec<ResultId>),
    /// Work on nothing, and say what is due, in batches for other invocations.
    Dispatch {
        /// How many to a batch.
        batch_size: usize,
        /// How many in all.
        most: usize,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    result_ids: Option<Vec<Uuid>>,
    dispatch: Option<Dispatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Dispatch {
    #[serde(default = "fifty")]
    batch_size: usize,
    #[serde(default = "thousand")]
    most: usize,
}

fn fifty() -> usize {
    50
}

fn thousand() -> usize {
    1_000
}

impl Assignment {
    /// Reads what came with the call. An event from inside the cloud says what it likes about itself, so there
    /// only what is known counts; a request is held to the letter.
    pub(super) fn read(incoming: &Incoming) -> Result<Self, ApiError> {
        if incoming.arrival.trusted {
            return Self::of_event(&incoming.body);
        }
        if incoming.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::Everything);
        }
        Self::of(incoming.json()?)
    }

    fn of_event(body: &Bytes) -> Result<Self, ApiError> {
        let Ok(event) = serde_json::from_slice::<Value>(body) else { return Ok(Self::Everything) };
        let Some(records) = event.get("Records").and_then(Value::as_array) else {
            return Self::of_value(&event);
        };
        let mut handed = Vec::new();
        for record in records {
            let message =
                record.get("body").and_then(Value::as_str).and_then(|body| serde_json::from_str(body).ok());
            match Self::of_value(&message.unwrap_or(Value::Null))? {
                Self::Only(results) => handed.extend(results),
                // One message that only wakes is answered by working on all there is.
                Self::Everything | Self::Dispatch { .. } => return Ok(Self::Everything),
            }
        }
        Ok(if handed.is_empty() { Self::Everything } else { Self::Only(handed) })
    }

    fn of_value(value: &Value) -> Result<Self, ApiError> {
        if value.get("resultIds").is_none() && value.get("dispatch").is_none() {
            return Ok(Self::Everything);
        }
        let body = serde_json::from_value(value.clone()).map_err(|error| {
            ApiError::unprocessable(
                "invalid_field",
                "resultIds",
                format!("The event cannot be read: {error}."),
            )
        })?;
        Self::of(body)
    }

    fn of(body: Body) -> Result<Self, ApiError> {
        match body {
            Body { result_ids: None, dispatch: None } => Ok(Self::Everything),
            Body { result_ids: Some(results), dispatch: None } if results.len() <= MOST_HANDED => {
                Ok(Self::Only(results.into_iter().map(ResultId).collect()))
            }
            Body { result_ids: Some(_), dispatch: None } => {
                let message = format!("Hand one invocation at most {MOST_HANDED} results.");
                Err(ApiError::unprocessable("too_many_results", "resultIds", message))
            }
            Body { result_ids: None, dispatch: Some(Dispatch { batch_size, most }) }
                if (1..=MOST_HANDED).contains(&batch_size) && (1..=MOST_DISPATCHED).contains(&most) =>
            {
                Ok(Self::Dispatch { batch_size, most })
            }
            Body { result_ids: None, dispatch: Some(_) } => {
                let message = format!(
                    "Give a batchSize from 1 to {MOST_HANDED} and a most from 1 to {MOST_DISPATCHED}."
                );
                Err(ApiError::unprocessable("invalid_dispatch", "dispatch", message))
            }
            Body { result_ids: Some(_), dispatch: Some(_) } => {
                let message = "Give resultIds to work on, or dispatch to be told what is due; not both.";
                Err(ApiError::unprocessable("invalid_dispatch", "dispatch", message))
            }
        }
    }
}
