//! Downloads: the platform fetches a video from a URL.

use crate::receiver::{Receiver, Taken, digest};
use crate::sandbox::Sandbox;
use std::io;
use std::pin::pin;
use std::time::Duration;

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
