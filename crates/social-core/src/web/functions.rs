//! All functions over the same parts, for a process that serves them together.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};

use super::codes::CommonCode;
use super::error::ApiError;
use super::function::{Function, secure};
use super::shared::{Shared, StartError};
use super::{accounts, callback, connect, health, openapi, posts, webhook, worker};
use crate::clock::Clock;
use crate::config::{Config, Mode};
use crate::entropy::Entropy;
use crate::model::OwnerId;
use crate::publish::Publisher;

/// All functions of the product.
#[derive(Debug)]
pub struct Functions {
    /// The publishing engine of the worker, with the flow, the store and the settings.
    pub publisher: Publisher,
    functions: [Function; 10],
}

impl Functions {
    /// Reads the environment through `var` and creates everything. It does not connect yet.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn from_vars(
        mode: Mode,
        connections: u32,
        var: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, StartError> {
        Self::over(&Shared::from_vars(mode, connections, var)?)
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
        Self::over(&Shared::new(config, connections, clock, entropy)?)
    }

    fn over(shared: &Shared) -> Result<Self, StartError> {
        let publisher = shared.publisher()?;
        let functions = [
            connect::tiktok_connect(shared)?,
            connect::social_accounts_connect(shared)?,
            callback::tiktok_callback(shared)?,
            callback::social_accounts_callback(shared)?,
            accounts::social_accounts(shared)?,
            posts::social_posts(shared)?,
            worker::with_publisher(publisher.clone(), shared)?,
            webhook::tiktok_webhook(shared)?,
            health::social_health(shared)?,
            openapi::social_openapi(shared)?,
        ];
        Ok(Self { publisher, functions })
    }

    /// Returns the function of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name() == name)
    }

    /// Responds to a request to `/api/<function>` or `/.netlify/functions/<function>`, and what follows.
    pub async fn answer(&self, request: Request) -> Response {
        match self.of(request.uri().path()) {
            Some(function) => function.answer(request).await,
            None => unknown(),
        }
    }

    /// Responds to such a request that support makes for an owner: by the same rules, and without a token. No request
    /// from outside comes here.
    pub async fn answer_support(&self, owner: OwnerId, request: Request) -> Response {
        match self.of(request.uri().path()) {
            Some(function) => function.answer_support(owner, request).await,
            None => unknown(),
        }
    }

    /// Returns the function that such a path names.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<&Function> {
        let path = ["/api/", "/.netlify/functions/"].iter().find_map(|prefix| path.strip_prefix(prefix));
        self.find(path?.split('/').next()?)
    }
}

/// Returns the response where no function has the name.
fn unknown() -> Response {
    let error = ApiError::from(CommonCode::NotFound);
    let mut response = error.saying("There is no function with this name.").into_response();
    secure(response.headers_mut());
    response
}
