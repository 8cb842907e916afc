//! Handles the request to stop the process.

use std::process;

use tokio::sync::watch;

use crate::error::ServerError;

/// The exit status that shells report for a program ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Reports whether a person pressed Ctrl-C, or SIGTERM arrived.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens from now on; the second request ends the process at once. Call it inside a runtime.
    pub(crate) fn on_signal() -> Result<Self, ServerError> {
        let mut requests = Requests::listen().map_err(ServerError::Runtime)?;
        let (asked, seen) = watch::channel(false);
        tokio::spawn(async move {
            requests.next().await;
            tracing::info!("stopping; press Ctrl-C again to stop at once");
            asked.send_replace(true);
            requests.next().await;
            process::exit(INTERRUPTED);
        });
        Ok(Self(seen))
    }

    /// Waits for the request.
    pub(crate) async fn asked(&mut self) {
        // The sender lives as long as the process.
        let _ = self.0.wait_for(|asked| *asked).await;
    }
}

#[cfg(unix)]
struct Requests {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Requests {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Requests;

#[cfg(not(unix))]
impl Requests {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
