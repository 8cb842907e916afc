//! Incoming HTTP: the faces (provisional).

use bytes::Bytes;
use http::header::COOKIE;

use crate::clock::Deadline;
use crate::config::{Config, ConfigError, Mode};
use crate::model::PlatformId;

pub mod event;
mod serve;

pub use serve::serve;

/// Which platforms a face is for.
#[derive(Debug, Clone)]
pub enum Scope {
    /// Whichever the request names.
    Any,
    /// One.
    Only(PlatformId),
}

/// Which function this is.
#[derive(Debug, Clone)]
pub enum Face {
    /// Starts an authorization request.
    Connect(Scope),
    /// Ends one.
    Callback(Scope),
    /// Accounts.
    Accounts,
    /// Posts.
    Posts,
    /// The worker.
    PostWorker,
    /// TikTok's webhook.
    Webhook,
}

/// How the request got here.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// When the answer must be out, if anybody said.
    pub deadline: Option<Deadline>,
    /// Whether it came through IAM.
    pub trusted: bool,
}

/// Why a process cannot start.
pub type StartError = ConfigError;

/// The provisional application.
#[derive(Debug)]
pub struct App {
    _config: Config,
}

impl App {
    /// Reads the configuration.
    ///
    /// # Errors
    /// If it is incomplete.
    pub fn from_vars(
        mode: Mode,
        _connections: u32,
        var: &dyn Fn(&str) -> Option<String>,
    ) -> Result<App, StartError> {
        Ok(Self { _config: Config::from_vars(mode, &[], var)? })
    }

    /// Echoes the request.
    #[expect(clippy::unused_async, clippy::missing_panics_doc, clippy::expect_used, reason = "provisional")]
    pub async fn answer(
        &self,
        face: &Face,
        request: http::Request<Bytes>,
        arrival: Arrival,
    ) -> http::Response<Bytes> {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let echo = serde_json::json!({
            "face": format!("{face:?}"),
            "path": request.uri().path(),
            "query": request.uri().query(),
            "cookies": header(COOKIE),
            "body": String::from_utf8_lossy(request.body()),
            "trusted": arrival.trusted,
        });
        http::Response::builder()
            .header("content-type", "application/json")
            .body(Bytes::from(echo.to_string()))
            .expect("a constant header")
    }
}
