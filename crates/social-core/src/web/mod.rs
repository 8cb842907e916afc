//! The HTTP endpoints: incoming requests, turned into calls of the flow, the publisher and the store.
//!
//! Nine functions share seven kinds of endpoint: `tiktok-*` and `social-accounts-*` differ by one value. An
//! endpoint never fails: every outcome becomes a response in [`respond`](self), and no error reaches the
//! runtime.

mod accounts;
mod ai_label;
mod assignment;
mod auth;
mod callback;
mod connect;
mod draft;
mod edit;
pub mod event;
mod health;
mod post_worker;
mod posts;
mod request;
mod respond;
mod serve;
mod validate;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use tracing::Instrument as _;

use crate::clock::{Clock, Deadline, SystemClock};
use crate::config::{Config, ConfigError, Mode, PlatformVars};
use crate::entropy::{Entropy, SystemEntropy};
use crate::http::Http;
use crate::model::PlatformId;
use crate::oauth::Flow;
use crate::platform::WORKERS;
use crate::publish::Publisher;
use crate::store::{Store, StoreError};
use crate::vault::Vault;
use crate::video::{AddressPolicy, ClientError, Sources};

use auth::Authenticator;
use request::Incoming;
use respond::ApiError;

pub use serve::serve;

/// The platforms that an endpoint serves.
#[derive(Debug, Clone)]
pub enum Scope {
    /// All of them, as the request names.
    Any,
    /// Only this one.
    Only(PlatformId),
}

/// The kind of endpoint that a function serves.
#[derive(Debug, Clone)]
pub enum Face {
    /// Starts an authorization request.
    Connect(Scope),
    /// Finishes one.
    Callback(Scope),
    /// Lists and disconnects accounts.
    Accounts,
    /// Creates, shows and changes posts.
    Posts,
    /// Publishes what is due.
    PostWorker,
    /// Receives TikTok's webhook.
    Webhook,
    /// Reports whether posts go out in time.
    Health,
}

/// How a request arrived.
#[derive(Debug, Clone, Copy, Default)]
pub struct Arrival {
    /// When the invocation must end; `None` if the host names no deadline.
    pub deadline: Option<Deadline>,
    /// Whether it came from inside the cloud (`EventBridge`, SQS), where IAM has authorised the caller.
    pub trusted: bool,
}

/// Explains why the process could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The environment is incomplete.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `DATABASE_URL` cannot be read.
    #[error("DATABASE_URL cannot be read; set it to postgres://user:password@host/database")]
    DatabaseUrl,
    /// No HTTP client could be created.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// The dependencies of a function, created once at a cold start.
#[derive(Debug)]
pub struct App {
    /// The publishing engine, with the flow, the store and the settings.
    pub publisher: Publisher,
    authenticator: Authenticator,
}

/// Returns the variables that the platforms read.
#[must_use]
pub fn platform_vars() -> Vec<PlatformVars> {
    WORKERS.iter().map(|worker| worker.vars()).collect()
}

impl App {
    /// Reads the environment through `var` and creates everything. It does not connect yet.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn from_vars(
        mode: Mode,
        connections: u32,
        var: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, StartError> {
        let config = Config::from_vars(mode, &platform_vars(), var)?;
        Self::new(config, connections, Arc::new(SystemClock), Arc::new(SystemEntropy))
    }

    /// Creates everything from settings, a clock and a source of random numbers.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn new(
        config: Config,
        connections: u32,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StartError> {
        let vault = Vault::new(Arc::clone(&config.keys), Arc::clone(&entropy));
        let store = Store::connect_lazy(
            &config.database_url,
            connections,
            vault,
            Arc::clone(&clock),
            Arc::clone(&entropy),
        )
        .map_err(|_| StartError::DatabaseUrl)?;
        let http = Http::new(Arc::clone(&clock));
        let sources = Sources::new(address_policy(config.mode))?;
        let authenticator = Authenticator::new(config.auth.clone(), &http, &clock);
        let flow = Flow { store, http, config: Arc::new(config), clock, entropy };
        Ok(Self { publisher: Publisher { flow, sources, stopping: Arc::default() }, authenticator })
    }

    fn flow(&self) -> &Flow {
        &self.publisher.flow
    }

    fn store(&self) -> &Store {
        &self.publisher.flow.store
    }

    /// Responds to a request. Never fails.
    pub async fn answer(
        &self,
        face: &Face,
        request: http::Request<Bytes>,
        arrival: Arrival,
    ) -> Response<Bytes> {
        let incoming = Incoming::new(request, arrival, &*self.flow().entropy, self.flow().clock.now());
        let request_id = incoming.request_id.clone();
        let answer = async {
            match face {
                Face::Connect(scope) => self.connect(scope, &incoming).await,
                Face::Callback(scope) => self.callback(scope, &incoming).await,
                Face::Accounts => self.accounts(&incoming).await,
                Face::Posts => self.posts(&incoming).await,
                Face::PostWorker => self.post_worker(&incoming).await,
                Face::Webhook => self.webhook(&incoming).await,
                Face::Health => self.health(&incoming).await,
            }
        };
        // The caller gets this id, so its log lines can be found.
        let answered = answer.instrument(tracing::info_span!("request", request.id = request_id)).await;
        let response = answered.unwrap_or_else(ApiError::into_response);
        respond::finish(response, &request_id, self.flow().config.app_url.scheme() == "https")
    }
}

impl Scope {
    /// Returns the platform of a request. Only this code knows the two sets of endpoints apart. An endpoint
    /// of one platform rejects another platform's name.
    fn resolve(&self, named: Option<&str>) -> Result<PlatformId, ApiError> {
        match (self, named) {
            (Self::Only(platform), None) => Ok(platform.clone()),
            (Self::Only(platform), Some(named)) if named == platform.as_str() => Ok(platform.clone()),
            (Self::Only(platform), Some(_)) => Err(ApiError::unprocessable(
                "platform_fixed",
                "platform",
                format!("This function only connects {platform}. Use social-accounts-connect for others."),
            )),
            (Self::Any, Some(named)) if !named.is_empty() => Ok(PlatformId::named(named.to_owned())),
            (Self::Any, _) => {
                let known: Vec<String> = WORKERS.iter().map(|worker| worker.id().to_string()).collect();
                let message = format!("Choose a platform: ?platform={}.", known.join(" or "));
                Err(ApiError::unprocessable("platform_missing", "platform", message))
            }
        }
    }

    /// Returns the platform of an endpoint that serves only one.
    fn only(&self) -> Option<PlatformId> {
        match self {
            Self::Any => None,
            Self::Only(platform) => Some(platform.clone()),
        }
    }
}

/// Returns the hosts from which videos may be read.
fn address_policy(mode: Mode) -> AddressPolicy {
    match mode {
        Mode::Hosted => AddressPolicy::PublicOnly,
        Mode::Local => AddressPolicy::LoopbackAllowed,
    }
}

/// Rejects a method that the endpoint does not support; `allowed` are the supported ones (RFC 9110 §10.2.1).
fn method_not_allowed(method: &Method, allowed: &'static str) -> ApiError {
    let message = format!("{method} isn't allowed here. Use {allowed}.");
    ApiError::new(405, "method_not_allowed", message).allow(allowed)
}

/// 2 s: when to ask a database again that could not be reached.
const DATABASE_PAUSE: Duration = Duration::from_secs(2);

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error.code = error.code(), "a database request failed: {error}");
        if !error.is_passing() {
            let message = "Something went wrong on our side. Nothing was lost. Try again in a moment.";
            return Self::new(500, error.code(), message);
        }
        let message = if matches!(error, StoreError::Broken(_)) {
            "We lost the connection to our database, so we can't tell whether this was done. Check before you try again."
        } else {
            "We can't reach our database right now. Nothing was changed. Try again in a moment."
        };
        Self::new(503, error.code(), message).retry_after(DATABASE_PAUSE)
    }
}
