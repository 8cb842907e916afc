//! The parts that functions share, made once at a cold start.

use std::sync::{Arc, OnceLock};

use super::auth::Authenticator;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ConfigError, Mode, PlatformVars};
use crate::entropy::{Entropy, SystemEntropy};
use crate::http::Http;
use crate::oauth::Flow;
use crate::platform::FACTS;
use crate::publish::{CutOff, Publisher};
use crate::store::Store;
use crate::vault::Vault;
use crate::video::{AddressPolicy, ClientError, Sources};

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

/// The parts that functions share. What no function of a process uses is neither made nor linked.
#[derive(Debug)]
pub struct Shared {
    pub(super) config: Arc<Config>,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    http: OnceLock<Http>,
    authenticator: OnceLock<Arc<Authenticator>>,
}

/// Returns the variables that the platforms read.
#[must_use]
pub fn platform_vars() -> Vec<PlatformVars> {
    FACTS.iter().map(|facts| facts.vars).collect()
}

impl Shared {
    /// Reads the environment through `var`. It does not connect yet.
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

    /// Takes settings, a clock and a source of random numbers.
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
        let (url, config) = (config.database_url.clone(), Arc::new(config));
        let store = Store::connect_lazy(&url, connections, vault, Arc::clone(&clock), Arc::clone(&entropy))
            .map_err(|_| StartError::DatabaseUrl)?;
        Ok(Self { config, store, clock, entropy, http: OnceLock::new(), authenticator: OnceLock::new() })
    }

    fn http(&self) -> &Http {
        self.http.get_or_init(|| Http::new(Arc::clone(&self.clock)))
    }

    /// Returns the authorization flow.
    pub(super) fn flow(&self) -> Flow {
        Flow {
            store: self.store.clone(),
            http: self.http().clone(),
            config: Arc::clone(&self.config),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
        }
    }

    /// Returns the check of users' tokens. All functions of a process share its keys.
    pub(super) fn authenticator(&self) -> Arc<Authenticator> {
        let new = || Arc::new(Authenticator::new(self.config.auth.clone(), self.http(), &self.clock));
        Arc::clone(self.authenticator.get_or_init(new))
    }

    /// Returns a publisher.
    pub(super) fn publisher(&self) -> Result<Publisher, StartError> {
        let (stopping, cut_off) = (Arc::default(), CutOff::default());
        Ok(Publisher { flow: self.flow(), sources: self.sources()?, stopping, cut_off })
    }

    /// Returns the HTTP client for videos.
    pub(super) fn sources(&self) -> Result<Sources, StartError> {
        Ok(Sources::new(AddressPolicy::of(self.config.mode))?)
    }
}
