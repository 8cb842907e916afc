//! The sandbox: its settings and its state.

use crate::client;
use crate::fault::Fault;
use crate::platforms::{Apps, Memory, SIMULATORS};
use crate::registration::NotRegistered;
use crate::storage::{Storage, StorageError};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use url::Url;

/// The settings of a sandbox.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The URL of the router, without a trailing slash: `http://127.0.0.1:8888/sandbox`.
    pub base_url: Url,
    /// Where state and videos are stored; `None` keeps only hashes, in memory.
    pub storage: Option<PathBuf>,
    /// The app, as registered with each platform.
    pub apps: Apps,
}

/// Explains why a sandbox could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The base URL cannot have paths.
    #[error("base_url must be an http or https URL without query")]
    BaseUrl,
    /// A platform would not have registered the app.
    #[error(transparent)]
    App(#[from] NotRegistered),
    /// The stored state cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The HTTP client for downloads and webhooks could not be created.
    #[error("could not create the HTTP client: {0}")]
    Client(String),
}

/// All platforms, in one process, with one state.
#[derive(Debug, Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: Settings,
    storage: Option<Storage>,
    state: Mutex<Memory>,
    version: AtomicU64,
    client: reqwest::Client,
    moved: Notify,
}

impl Sandbox {
    /// Opens the sandbox and reads the state of an earlier one.
    pub fn open(mut settings: Settings) -> Result<Self, OpenError> {
        let base = &mut settings.base_url;
        if base.query().is_some() || !matches!(base.scheme(), "http" | "https") {
            return Err(OpenError::BaseUrl);
        }
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        settings.apps.check()?;
        let (storage, kept) = match &settings.storage {
            None => (None, None),
            Some(folder) => {
                let (storage, kept) = Storage::open(folder)?;
                (Some(storage), kept)
            }
        };
        let mut state = kept.unwrap_or_default();
        state.populate();
        let client = client::client().map_err(|error| OpenError::Client(error.to_string()))?;
        let inner = Inner {
            settings,
            storage,
            state: Mutex::new(state),
            version: AtomicU64::new(1),
            client,
            moved: Notify::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Moves the sandbox's time ahead: tokens, upload URLs and rate-limit windows expire.
    pub fn advance_clock(&self, by: Duration) {
        self.change(|state, _| state.clock.advance(by));
        for simulator in SIMULATORS {
            (simulator.settle)(self);
        }
    }

    /// Lets the first check of each platform find a video processed. Real platforms take minutes.
    pub fn skip_processing(&self) {
        for simulator in SIMULATORS {
            (simulator.skip_processing)(self);
        }
    }

    /// Requests a fault.
    ///
    /// # Panics
    ///
    /// If no platform has such an endpoint: a test that waits for it would prove nothing.
    pub fn fail(&self, fault: Fault) {
        assert!(
            fault.can_happen(),
            "the sandbox has no endpoint {:?} on {:?}",
            fault.endpoint,
            fault.platform
        );
        self.change(|state, _| state.faults.add(fault));
    }

    /// Returns how often an endpoint was called, with any outcome; see the `ENDPOINTS` of the platform's
    /// module.
    #[must_use]
    pub fn calls(&self, platform: &str, endpoint: &str) -> u64 {
        let key = format!("{platform}/{endpoint}");
        self.read(|state, _| state.calls.get(&key).copied().unwrap_or(0))
    }

    /// Removes the faults that have not happened yet.
    pub fn clear_faults(&self) {
        self.change(|state, _| state.faults.clear());
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub(crate) fn storage(&self) -> Option<&Storage> {
        self.inner.storage.as_ref()
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.inner.client
    }

    /// Returns the signal for progress of a download.
    pub(crate) fn moved(&self) -> &Notify {
        &self.inner.moved
    }

    /// Returns the public URL of a path.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.settings().base_url.as_str().trim_end_matches('/'))
    }

    /// Returns a path without scheme and host, for links inside our own pages.
    pub(crate) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.settings().base_url.path().trim_end_matches('/'))
    }

    /// Returns the link to the index page.
    pub(crate) fn home(&self) -> String {
        let prefix = self.link("");
        if prefix.is_empty() { "/".into() } else { prefix }
    }

    pub(crate) fn read<R>(&self, look: impl FnOnce(&Memory, i64) -> R) -> R {
        let state = self.lock();
        let now = state.clock.now();
        look(&state, now)
    }

    pub(crate) fn change<R>(&self, work: impl FnOnce(&mut Memory, i64) -> R) -> R {
        let mut state = self.lock();
        let now = state.clock.now();
        let result = work(&mut state, now);
        self.inner.version.fetch_add(1, Ordering::Relaxed);
        result
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Saves changes. Callers that arrive during a write share the next one.
    pub(crate) async fn keep(&self) -> Result<(), StorageError> {
        let Some(storage) = self.storage() else { return Ok(()) };
        let wanted = self.inner.version.load(Ordering::Relaxed);
        let snapshot = || {
            let state = self.lock();
            let version = self.inner.version.load(Ordering::Relaxed);
            (version, serde_json::to_vec(&*state))
        };
        storage.keep(wanted, snapshot).await
    }
}
