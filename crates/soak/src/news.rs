//! The endpoint of the product's webhooks. It refuses some messages once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::dice::Dice;
use crate::evidence::Evidence;

/// The path of the endpoint.
pub(crate) const PATH: &str = "/news";
/// One message in this many is refused once.
const REFUSED: u64 = 12;

/// All messages that arrived.
#[derive(Debug)]
pub(crate) struct News(Mutex<Arrived>);

#[derive(Debug)]
struct Arrived {
    dice: Dice,
    /// By the id of the message.
    messages: HashMap<String, Message>,
    oddities: Vec<String>,
}

#[derive(Debug)]
struct Message {
    body: Bytes,
    /// How often it was answered with a success.
    taken: u32,
}

/// The part of a message that the checks read.
#[derive(Debug, Deserialize)]
struct Told {
    r#type: String,
    data: Data,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result_id: Option<String>,
}

impl News {
    pub(crate) fn new(seed: u64) -> Self {
        let dice = Dice::new(seed, "news");
        Self(Mutex::new(Arrived { dice, messages: HashMap::new(), oddities: Vec::new() }))
    }

    fn arrived<R>(&self, work: impl FnOnce(&mut Arrived) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns how many messages were taken, and how often one arrived again after that.
    pub(crate) fn counts(&self) -> (usize, u32) {
        self.arrived(|arrived| {
            let taken = arrived.messages.values().filter(|message| message.taken > 0);
            (taken.clone().count(), taken.map(|message| message.taken - 1).sum())
        })
    }

    /// Checks that every result's last state was told, and that a repeated message is the same message.
    pub(crate) fn wrong(&self, evidence: &Evidence) -> Vec<String> {
        self.arrived(|arrived| {
            let mut wrong = arrived.oddities.clone();
            let told: Vec<Told> = arrived
                .messages
                .values()
                .filter(|message| message.taken > 0)
                .filter_map(|message| serde_json::from_slice(&message.body).ok())
                .collect();
            // The person who cancels a post needs no news of it.
            for one in evidence.results().filter(|one| one.result.state != "cancelled") {
                let kind = format!("result.{}", one.result.state);
                let is_it =
                    |told: &Told| told.r#type == kind && told.data.result_id.as_ref() == Some(&one.result.id);
                if !told.iter().any(is_it) {
                    wrong.push(format!("result {} was not told as {kind}", one.result.id));
                }
            }
            wrong
        })
    }
}

/// Takes a message, or refuses it.
pub(crate) async fn take(State(news): State<Arc<News>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    news.arrived(|arrived| {
        let is_new = !arrived.messages.contains_key(&id);
        let message = arrived.messages.entry(id).or_insert_with(|| Message { body: body.clone(), taken: 0 });
        if message.body != body {
            arrived.oddities.push("a message arrived again with another body".to_owned());
        }
        if is_new && arrived.dice.below(REFUSED) == 0 {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        message.taken += 1;
        StatusCode::NO_CONTENT
    })
}
