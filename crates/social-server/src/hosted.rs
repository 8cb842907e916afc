//! The container's mode: everything from the environment, nothing embedded, nothing simulated.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use social_core::config::Mode;
use social_core::web::App;
use tokio::runtime::Runtime;

use crate::error::ServerError;
use crate::listen::Listeners;
use crate::logs::{self, Reader};
use crate::stop::Stop;
use crate::tick::Ticker;
use crate::vars::Vars;
use crate::{functions, site};

/// 5 s: what is due starts within it, for twelve small queries a minute.
const TICK: Duration = Duration::from_secs(5);
/// Most managed databases give a hundred, and several containers share them.
const CONNECTIONS: u32 = 8;
/// 8 s: containers are commonly killed 10 s after they were asked to stop.
const PATIENCE: Duration = Duration::from_secs(8);

/// `social-server serve`.
pub(crate) fn run() -> Result<(), ServerError> {
    let vars = Vars::of_environment();
    logs::start(&vars, Reader::Machine);
    let runtime = runtime()?;
    let ended = runtime.block_on(serve(&vars));
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended
}

async fn serve(vars: &Vars) -> Result<(), ServerError> {
    let app = Arc::new(App::from_vars(Mode::Hosted, CONNECTIONS, &|name| vars.find(name))?);
    let listeners = Listeners::on_everything(vars.port()?)?;
    let port = listeners.port();
    let stop = Stop::on_signal()?;
    let router = site::router().merge(functions::router(Arc::clone(&app)));
    let ticker = Ticker::start(Arc::clone(&app), TICK, stop.clone());
    tracing::info!(port, "serving on port {port}");
    let serving = join_all(listeners.into_tokio()?.into_iter().map(|socket| {
        let mut asked = stop.clone();
        let served =
            axum::serve(socket, router.clone()).with_graceful_shutdown(async move { asked.asked().await });
        let mut stop = stop.clone();
        async move {
            tokio::select! {
                // It never fails: a connection's trouble is the connection's.
                _ = served.into_future() => {}
                () = async { stop.asked().await; tokio::time::sleep(PATIENCE).await; } => {
                    tracing::warn!("requests were still open at the end");
                }
            }
        }
    }));
    let finishing = async {
        stop.clone().asked().await;
        ticker.finish().await;
    };
    tokio::join!(serving, finishing);
    close(&app).await;
    Ok(())
}

/// The runtime of both modes.
pub(crate) fn runtime() -> Result<Runtime, ServerError> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServerError::Runtime)
}

/// Closes the pool; whoever still holds a connection has two seconds.
pub(crate) async fn close(app: &App) {
    app.publisher.flow.store.close();
}
