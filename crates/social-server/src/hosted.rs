//! The container's mode: all settings from the environment, nothing embedded, nothing simulated.

use std::sync::Arc;
use std::time::Duration;

use axum::middleware;
use futures_util::future::join_all;
use social_core::config::Mode;
use social_core::store::{Schema, StoreError};
use social_core::web::Functions;
use tokio::runtime::Runtime;

use crate::error::ServerError;
use crate::listen::Listeners;
use crate::logs::{self, Reader};
use crate::stop::Stop;
use crate::telemetry::Telemetry;
use crate::tick::Ticker;
use crate::vars::Vars;
use crate::{functions, headers, metrics, probes, site};

/// 5 s: due results start within that time, for twelve small queries a minute.
const TICK: Duration = Duration::from_secs(5);
/// Most managed databases allow a hundred, which several containers share.
const CONNECTIONS: u32 = 8;

/// One second each: for the runtime's end, and for handing back leases. With the 8 s before, a host that kills after 10 s
/// sees an end.
const GRACE: Duration = Duration::from_secs(1);

/// Runs `social-server serve`.
pub(crate) fn run() -> Result<(), ServerError> {
    let vars = Vars::of_environment();
    let telemetry = Telemetry::start(&vars)?;
    logs::start(&vars, Reader::Machine(&telemetry));
    let runtime = runtime()?;
    let served = runtime.block_on(serve(&vars, &telemetry));
    // Every task ends here, and with it whatever a step may still send.
    runtime.shutdown_timeout(GRACE);
    let handed_back = served.and_then(|functions| hand_back(&functions));
    telemetry.end();
    handed_back
}

/// Returns the functions when they have stopped.
async fn serve(vars: &Vars, telemetry: &Telemetry) -> Result<Arc<Functions>, ServerError> {
    let functions = Arc::new(Functions::from_vars(Mode::Hosted, CONNECTIONS, &|name| vars.find(name))?);
    let listeners = Listeners::on_everything(vars.port()?)?;
    let port = listeners.port();
    check_schema(&functions).await?;
    let stop = Stop::on_signal()?;
    let https = functions.publisher.flow.config.app_url.scheme() == "https";
    let router = site::router()
        .merge(probes::router(Arc::clone(&functions)))
        .merge(metrics::router(vars, Arc::clone(&functions), telemetry)?)
        .merge(telemetry.trace(functions::router(Arc::clone(&functions)), Arc::clone(&functions)))
        .layer(middleware::map_response_with_state(https, headers::secure));
    // The start does not wait for the database.
    tokio::spawn(warn_without_timeouts(Arc::clone(&functions)));
    let ticker = Ticker::start(Arc::clone(&functions), TICK, stop.clone());
    tracing::info!(port, "serving on port {port}");
    let serving = join_all(listeners.into_tokio()?.into_iter().map(|socket| {
        let mut asked = stop.clone();
        social_sandbox::serve(socket, router.clone(), async move { asked.asked().await })
    }));
    let finishing = async {
        stop.clone().asked().await;
        ticker.finish().await;
    };
    tokio::join!(serving, finishing);
    Ok(functions)
}

/// Hands back the leases of the steps that the end of the runtime cut off, on a runtime that has nothing else to do.
fn hand_back(functions: &Functions) -> Result<(), ServerError> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServerError::Runtime)?;
    let handed_back =
        runtime.block_on(async { tokio::time::timeout(GRACE, functions.publisher.hand_back()).await });
    match handed_back {
        Ok(Ok(0)) => {}
        Ok(Ok(count)) => tracing::info!("handed back {count} results that were being processed"),
        Ok(Err(error)) => {
            tracing::warn!(error.code = error.code(), "leases end by themselves: {error}");
        }
        Err(_) => tracing::warn!("leases end by themselves: the database did not respond within a second"),
    }
    close(functions);
    Ok(())
}

/// Refuses to start on an older schema. A database that is away is no reason to end: it may come back.
async fn check_schema(functions: &Functions) -> Result<(), ServerError> {
    match functions.publisher.flow.store.check_health().await {
        Ok(health) => {
            if let Schema::Newer(_) = health.schema {
                tracing::warn!("{}", health.schema);
            }
            Ok(())
        }
        Err(StoreError::Outdated(schema)) => Err(ServerError::Outdated(schema)),
        Err(error) => {
            tracing::warn!(error.code = error.code(), "the schema could not be checked: {error}");
            Ok(())
        }
    }
}

/// Warns if the database's role lacks the limits that the docs give it.
async fn warn_without_timeouts(functions: Arc<Functions>) {
    match functions.publisher.flow.store.missing_timeouts().await {
        Ok(missing) if missing.is_empty() => {}
        Ok(missing) => tracing::warn!(
            error.code = "timeouts_missing",
            "the database's role has no {}: a process that hangs may hold rows without an end; docs/postgres.md has the statements",
            missing.join(", ")
        ),
        Err(error) => tracing::warn!(error.code = error.code(), "the database's limits are unknown: {error}"),
    }
}

/// Returns the runtime of both modes.
pub(crate) fn runtime() -> Result<Runtime, ServerError> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServerError::Runtime)
}

/// Closes the pool. Connections in use get two seconds.
pub(crate) fn close(functions: &Functions) {
    functions.publisher.flow.store.close();
}
