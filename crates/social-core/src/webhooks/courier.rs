//! Sends what is due, and saves what came of it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use http::StatusCode;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::Client;
use sha2::{Digest as _, Sha256};
use url::Url;
use uuid::Uuid;

use super::schedule::pause;
use super::signature::sign;
use crate::clock::{Clock, Deadline};
use crate::config::Config;
use crate::entropy::Entropy;
use crate::secret::WebhookSecret;
use crate::store::{Message, SavedMessage, Store, StoreError};
use crate::video::{AddressPolicy, ClientError, check_address, guarded_client};

/// 15 s: what Standard Webhooks gives a receiver at least.
const PATIENCE: Duration = Duration::from_secs(15);
/// 2 s: with less time left, a message is left to the next invocation.
const LEAST_TIME: Duration = Duration::from_secs(2);
/// 2 s: what remains for saving the outcomes. One that is not saved is sent again.
const RESERVE: Duration = Duration::from_secs(2);
/// How many messages of an endpoint are claimed at a time.
const MOST: usize = 50;
/// How many of an endpoint that fails: a slow death costs little time.
const FEW: usize = 3;
/// How many are sent at a time.
const AT_ONCE: usize = 10;
/// Five days of failures disable an endpoint.
const DEATH: Duration = Duration::from_hours(5 * 24);

/// An endpoint of the product.
struct Endpoint {
    url: Url,
    /// SHA-256 of the URL.
    hash: Vec<u8>,
}

/// What one round did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Deliveries {
    /// How many messages were taken.
    pub delivered: usize,
    /// How many were not.
    pub failed: usize,
}

/// Sends due messages to the endpoints of the settings.
#[derive(Clone)]
pub struct Courier {
    endpoints: Arc<Vec<Endpoint>>,
    secrets: Arc<Vec<WebhookSecret>>,
    client: Client,
    policy: AddressPolicy,
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Courier({} endpoints)", self.endpoints.len())
    }
}

/// How an attempt ended.
enum Outcome {
    /// There was no time for it.
    Unsent,
    /// With a 2xx.
    Taken(StatusCode),
    /// With 410: the receiver wants no more.
    Gone,
    /// Any other way.
    Failed { status: Option<StatusCode>, problem: String, asked: Option<Duration> },
}

/// Returns a problem for each endpoint to which nothing would ever be sent. It never names the URL, which may hold a secret.
#[must_use]
pub fn refused_endpoints(config: &Config) -> Vec<String> {
    let policy = AddressPolicy::of(config.mode);
    let problem = |(at, url)| {
        let error = check_address(url, policy).err()?;
        Some(format!("endpoint {} gets nothing: {error}", at + 1))
    };
    config.webhooks.urls.iter().enumerate().filter_map(problem).collect()
}

impl Courier {
    /// Returns a courier; `None` if the settings name no endpoint.
    ///
    /// # Errors
    /// When no HTTP client can be created.
    pub fn new(
        config: &Config,
        store: &Store,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
    ) -> Result<Option<Self>, ClientError> {
        let (settings, policy) = (&config.webhooks, AddressPolicy::of(config.mode));
        if settings.urls.is_empty() {
            return Ok(None);
        }
        let endpoints = settings
            .urls
            .iter()
            .map(|url| Endpoint { url: url.clone(), hash: Sha256::digest(url.as_str()).to_vec() })
            .collect();
        Ok(Some(Self {
            endpoints: Arc::new(endpoints),
            secrets: Arc::new(settings.secrets.clone()),
            client: guarded_client(policy)?,
            policy,
            store: store.clone(),
            clock: Arc::clone(clock),
            entropy: Arc::clone(entropy),
        }))
    }

    /// Sends until nothing is due or the deadline is near.
    ///
    /// # Errors
    /// When the database declines. What was sent and not saved is sent again.
    pub async fn deliver(&self, deadline: Deadline) -> Result<Deliveries, StoreError> {
        let mut done = Deliveries::default();
        let names: Vec<(&[u8], &str)> = self
            .endpoints
            .iter()
            .map(|endpoint| (&*endpoint.hash, endpoint.url.host_str().unwrap_or_default()))
            .collect();
        while self.left(deadline) > LEAST_TIME + RESERVE {
            // Longer than the attempts may take, so that no other invocation sends them too.
            let lease = self.left(deadline) + PATIENCE;
            let claimed = self.store.claim_messages(&names, MOST, FEW, lease).await?;
            let count = claimed.messages.len();
            if count == 0 {
                break;
            }
            let saved: Vec<SavedMessage> = stream::iter(in_order(claimed.messages))
                .map(|queue| self.send_in_order(queue, deadline))
                .buffer_unordered(AT_ONCE)
                .concat()
                .await;
            done.delivered += saved.iter().filter(|message| message.is_delivered).count();
            done.failed += saved.iter().filter(|message| message.sent && !message.is_delivered).count();
            for host in self.store.save_messages(saved, claimed.token, DEATH).await? {
                tracing::error!(
                    endpoint.host = host,
                    "the webhook endpoint at {host} is disabled; mend it, then have its messages redelivered"
                );
            }
            if count < MOST {
                break;
            }
        }
        Ok(done)
    }

    fn left(&self, deadline: Deadline) -> Duration {
        deadline.left(self.clock.now())
    }

    /// Sends the messages about one result or account, one after the other.
    async fn send_in_order(&self, queue: Vec<Message>, deadline: Deadline) -> Vec<SavedMessage> {
        let mut saved = Vec::with_capacity(queue.len());
        for message in queue {
            let outcome = self.send(&message, deadline).await;
            saved.push(self.saved(&message, outcome));
        }
        saved
    }

    async fn send(&self, message: &Message, deadline: Deadline) -> Outcome {
        let left = self.left(deadline).saturating_sub(RESERVE).min(PATIENCE);
        let Some(endpoint) = self.endpoints.iter().find(|one| one.hash == message.endpoint) else {
            return Outcome::Unsent;
        };
        if left < LEAST_TIME {
            return Outcome::Unsent;
        }
        let failed = |problem: String| Outcome::Failed { status: None, problem, asked: None };
        if let Err(error) = check_address(&endpoint.url, self.policy) {
            return failed(error.to_string());
        }
        let id = format!("msg_{}", message.id.simple());
        let timestamp = self.clock.now().timestamp();
        let request = self
            .client
            .post(endpoint.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", sign(&self.secrets, &id, timestamp, &message.body))
            .body(message.body.clone());
        match tokio::time::timeout(left, request.send()).await {
            Err(_) => failed(format!("no response within {} s", left.as_secs())),
            // Without the URL: it may hold a secret.
            Ok(Err(error)) if error.is_connect() => failed("no connection".to_owned()),
            Ok(Err(_)) => failed("no response".to_owned()),
            Ok(Ok(response)) => match response.status() {
                status if status.is_success() => Outcome::Taken(status),
                StatusCode::GONE => Outcome::Gone,
                status => {
                    let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                    let asked = seconds.and_then(|text| text.parse().ok()).map(Duration::from_secs);
                    Outcome::Failed {
                        status: Some(status),
                        problem: format!("status {}", status.as_u16()),
                        asked,
                    }
                }
            },
        }
    }

    fn saved(&self, message: &Message, outcome: Outcome) -> SavedMessage {
        let nothing = SavedMessage { id: message.id, ..SavedMessage::default() };
        match outcome {
            Outcome::Unsent => SavedMessage { retry_seconds: Some(0.0), ..nothing },
            Outcome::Taken(status) => {
                SavedMessage { sent: true, is_delivered: true, status: Some(status.as_u16()), ..nothing }
            }
            Outcome::Gone => SavedMessage { sent: true, is_gone: true, status: Some(410), ..nothing },
            Outcome::Failed { status, problem, asked } => {
                let failures = usize::try_from(message.failures).unwrap_or_default() + 1;
                let retry = pause(failures, asked, &*self.entropy);
                if retry.is_none() {
                    tracing::error!(
                        message.id = %message.id,
                        "webhook message msg_{} is given up after {failures} attempts: {problem}",
                        message.id.simple()
                    );
                }
                SavedMessage {
                    sent: true,
                    retry_seconds: retry.map(|pause| pause.as_secs_f64()),
                    status: status.map(|status| status.as_u16()),
                    problem: Some(problem),
                    ..nothing
                }
            }
        }
    }
}

/// Groups messages by what they tell of and for whom, each group in the order of its sequence.
fn in_order(mut messages: Vec<Message>) -> Vec<Vec<Message>> {
    messages.sort_by_key(|message| message.sequence);
    let mut places: HashMap<(Vec<u8>, Uuid), usize> = HashMap::new();
    let mut queues: Vec<Vec<Message>> = Vec::new();
    for message in messages {
        // What is about nothing in particular has no order.
        let key = (message.endpoint.clone(), message.subject.unwrap_or(message.id));
        let place = *places.entry(key).or_insert_with(|| {
            queues.push(Vec::new());
            queues.len() - 1
        });
        if let Some(queue) = queues.get_mut(place) {
            queue.push(message);
        }
    }
    queues
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Mode;

    #[test]
    fn an_endpoint_that_would_get_nothing_is_named_by_its_place() {
        let urls = "https://hooks.example.com/x,https://user:pw@hooks.example.com/x,https://10.0.0.1/x,\
            https://localhost/x,https://hooks.example.com:8443/x";
        let var = |name: &str| match name {
            "APP_URL" => Some("https://app.example.com".to_owned()),
            "DATABASE_URL" => Some("postgres://nobody@127.0.0.1:1/none".to_owned()),
            "TOKEN_ENCRYPTION_KEYS" => Some("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".to_owned()),
            "AUTH_JWT_SECRET" | "WORKER_SECRET" => Some("the-secret-of-all-our-tests-here".to_owned()),
            "WEBHOOK_URLS" => Some(urls.to_owned()),
            "WEBHOOK_SECRETS" => Some("whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".to_owned()),
            _ => None,
        };
        let mut config = Config::from_vars(Mode::Local, &[], &var).unwrap();
        let refused = refused_endpoints(&config);
        assert!(refused.iter().all(|problem| !problem.starts_with("endpoint 4")), "it is here: {refused:?}");
        config.mode = Mode::Hosted;
        let refused = refused_endpoints(&config);
        let places: Vec<&str> = refused.iter().filter_map(|problem| problem.get(..10)).collect();
        assert_eq!(places, ["endpoint 2", "endpoint 3", "endpoint 4", "endpoint 5"]);
        assert!(!refused.concat().contains("pw"), "{refused:?}");
    }
}
