//! Downloads: the platform fetches a video from a URL.

use crate::receiver::{Receiver, Taken, digest};
use crate::sandbox::Sandbox;
use rustls::{ClientConfig, RootCertStore, crypto};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// How long a server may pause before the next bytes.
const SILENCE: Duration = Duration::from_secs(30);

/// How long a status check waits for a download that is about to end, so that a test needs no sleep.
const GRACE: Duration = Duration::from_millis(250);

/// Explains why a download is incomplete.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PullError {
    #[error("the URL could not be read")]
    Unreachable(#[from] reqwest::Error),
    #[error("the server returned {0}")]
    Status(u16),
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    #[error("the file is shorter than announced")]
    Short,
    #[error("it is no longer needed")]
    Unwanted,
    #[error(transparent)]
    Disk(#[from] io::Error),
}

/// A complete video.
#[derive(Debug)]
pub(crate) struct Pulled {
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) taken: Taken,
}

/// Returns the client for downloads and webhooks: no redirects, no proxies, no retries of its own.
pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .read_timeout(SILENCE)
        .build()
}

/// Downloads `url` completely; `progress` gets the bytes so far and decides whether to continue.
pub(crate) async fn pull(
    sandbox: &Sandbox,
    id: &str,
    url: &str,
    most: u64,
    progress: impl Fn(u64) -> bool + Send,
) -> Result<Pulled, PullError> {
    let mut response = sandbox.client().get(url).send().await?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(PullError::Status(response.status().as_u16()));
    }
    let announced = response.content_length();
    let mut receiver = Receiver::open(sandbox, id, 0, Taken::default())?;
    let mut size = 0_u64;
    while let Some(bytes) = response.chunk().await? {
        receiver.take(&bytes)?;
        size = size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if size > most {
            return Err(PullError::TooLarge(most));
        }
        if !progress(size) {
            return Err(PullError::Unwanted);
        }
    }
    if announced.is_some_and(|announced| announced != size) {
        return Err(PullError::Short);
    }
    let taken = receiver.finish();
    let sha256 = digest(sandbox, id, size, taken.clone()).await?;
    Ok(Pulled { size, sha256, taken })
}

/// Waits a little while `pulling` reports a download in progress.
pub(crate) async fn settled(sandbox: &Sandbox, pulling: impl Fn() -> bool) {
    let mut moved = pin!(sandbox.moved().notified());
    moved.as_mut().enable();
    let _ = tokio::time::timeout(GRACE, async {
        while pulling() {
            moved.as_mut().await;
            moved.set(sandbox.moved().notified());
            moved.as_mut().enable();
        }
    })
    .await;
}
