//! A video being received: sent by the app, or downloaded from its URL.

use crate::media;
use crate::pull::{pull, settled};
use crate::receiver::{Arrived, Taken};
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;
use serde::{Deserialize, Serialize};

/// The largest file that is accepted at all; each platform has its own limit below it.
const MOST: u64 = 10 << 30;

/// The source of the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Source {
    /// The app sends them.
    Bytes,
    /// Meta fetches them.
    Url(String),
}

/// The video.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Intake {
    /// Its Instagram account or Page.
    pub(crate) account: String,
    pub(crate) source: Source,
    /// The size that the app announced.
    pub(crate) size: Option<u64>,
    /// How many bytes have arrived.
    pub(crate) received: u64,
    pub(super) taken: Taken,
    pub(crate) arrived: Option<Arrived>,
    /// Whether it could not be fetched.
    pub(crate) lost: bool,
    /// Which request may write: the latest one.
    #[serde(skip)]
    pub(super) request: u64,
}

impl Intake {
    pub(crate) fn new(account: &str, source: Source) -> Self {
        Self {
            account: account.into(),
            source,
            size: None,
            received: 0,
            taken: Taken::default(),
            arrived: None,
            lost: false,
            request: 0,
        }
    }

    pub(crate) fn is_pulling(&self) -> bool {
        self.arrived.is_none() && !self.lost && self.source != Source::Bytes
    }

    /// Returns the state of the bytes so far.
    pub(crate) fn taken(&self) -> Taken {
        self.taken.clone()
    }

    /// Records one more piece; with a hash, the last one.
    pub(crate) fn advance(&mut self, at: i64, end: u64, taken: Taken, sha256: Option<String>) {
        self.received = end;
        if let Some(sha256) = sha256 {
            self.arrive(at, end, sha256, &taken);
        }
        self.taken = taken;
    }

    /// Records all of it.
    pub(super) fn arrive(&mut self, at: i64, size: u64, sha256: String, taken: &Taken) {
        self.received = size;
        self.arrived = Some(Arrived { at, size, sha256, container: taken.head.container() });
    }
}

/// Starts the download of a waiting video.
pub(crate) fn download(sandbox: &Sandbox, id: &str) {
    let found = sandbox.read(|state, _| match state.meta.intakes.get(id) {
        Some(intake) if intake.is_pulling() => Some(intake.source.clone()),
        Some(_) | None => None,
    });
    let Some(Source::Url(url)) = found else { return };
    let (sandbox, id) = (sandbox.clone(), id.to_owned());
    tokio::spawn(async move {
        let progress = |bytes| {
            sandbox.change(|state, _| match state.meta.intakes.get_mut(&id) {
                Some(intake) if intake.is_pulling() => {
                    intake.received = bytes;
                    true
                }
                Some(_) | None => false,
            })
        };
        let result = pull(&sandbox, &id, &url, MOST, progress).await;
        sandbox.change(|state, now| {
            let Some(intake) = state.meta.intakes.get_mut(&id).filter(|intake| intake.is_pulling()) else {
                return;
            };
            match result {
                Ok(file) => intake.arrive(now, file.size, file.sha256, &file.taken),
                Err(error) => {
                    tracing::debug!(%error, "a download failed");
                    intake.lost = true;
                }
            }
        });
        sandbox.moved().notify_waiters();
        if let Err(error) = sandbox.keep().await {
            tracing::error!(%error, "the sandbox could not save its state");
        }
    });
}

/// Resumes the downloads of an earlier sandbox.
pub(crate) fn resume(sandbox: &Sandbox) {
    let waiting: Vec<String> = sandbox.read(|state, _| {
        let all = state.meta.intakes.iter();
        all.filter(|(_, intake)| intake.is_pulling()).map(|(id, _)| id.clone()).collect()
    });
    for id in waiting {
        download(sandbox, &id);
    }
}

/// Waits a little for a download that is about to end, so that a test needs no sleep.
pub(crate) async fn await_download(sandbox: &Sandbox, id: &str) {
    settled(sandbox, || sandbox.read(|state, _| state.meta.intakes.get(id).is_some_and(Intake::is_pulling)))
        .await;
}

/// Returns the bytes of a video, for our own pages.
pub(crate) async fn video_file(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = sandbox.read(|state, _| {
        let format = state.meta.intakes.get(&id)?.arrived.as_ref()?.container?;
        Some((sandbox.storage()?.video(&id), format.mime()))
    });
    media::file(found, &headers).await
}
