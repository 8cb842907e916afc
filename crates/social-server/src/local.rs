//! Local mode: everything on this machine, nothing to prepare.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::routing::get;
use axum::{Router, middleware};
use futures_util::future::join_all;
use social_core::config::{Config, Mode};
use social_core::web::{self, Functions};

use crate::demo::{self, Demo};
use crate::error::ServerError;
use crate::listen::Listeners;
use crate::logs::{self, Reader};
use crate::simulate::Simulation;
use crate::stop::Stop;
use crate::tick::Ticker;
use crate::vars::Vars;
use crate::welcome::Welcome;
use crate::{database, door, functions, headers, hosted, keep, probes, sample, simulate, site};

/// 1 s: people who try things out should not wait.
const TICK: Duration = Duration::from_secs(1);
/// A browser, the interval timer and the sandbox's webhooks, at the same time.
const CONNECTIONS: u32 = 8;

/// The inputs of local mode.
struct Local {
    vars: Vars,
    listeners: Listeners,
    origin: String,
    data: PathBuf,
    simulation: Option<Simulation>,
}

/// Runs `social-server` without a command.
pub(crate) fn run() -> Result<(), ServerError> {
    let mut vars = Vars::with_file(Path::new(".env"))?;
    logs::start(&vars, Reader::Person);
    // The port comes first: later values contain it, and a busy port is noticed at once.
    let listeners = Listeners::on_loopback(vars.port()?)?;
    let origin = format!("http://localhost:{}", listeners.port());
    vars.assume("APP_URL", origin.as_str());
    let data = std::path::absolute(".data").map_err(|source| ServerError::File {
        doing: "find",
        path: PathBuf::from(".data"),
        source,
    })?;
    keep::secrets(&data, &mut vars)?;
    let wanted = simulate::wanted(&vars);
    let simulation = match wanted.as_slice() {
        [] => None,
        platforms => Some(simulate::open(&data, &origin, platforms, &mut vars)?),
    };
    check(&vars)?;

    // From here to the runtime, Ctrl-C simply ends the process, and the private Postgres ends with it.
    let postgres = if vars.has("DATABASE_URL") { None } else { Some(private_postgres::durable(&data)?) };
    let url = postgres.as_ref().map(|server| server.url(private_postgres::DATABASE));
    if let Some(url) = &url {
        vars.decide("DATABASE_URL", url.as_str());
    }
    let runtime = hosted::runtime()?;
    let local = Local { vars, listeners, origin, data, simulation };
    let ended = runtime.block_on(local.serve(url.as_deref()));
    // The runtime still handles a second Ctrl-C meanwhile.
    drop(postgres);
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended
}

/// Reports missing variables before anything starts; only the private Postgres's URL is not known yet.
fn check(vars: &Vars) -> Result<(), ServerError> {
    let var = |name: &str| {
        vars.find(name).or_else(|| (name == "DATABASE_URL").then(|| "postgres://localhost".to_owned()))
    };
    Config::from_vars(Mode::Local, &web::platform_vars(), &var)?;
    Ok(())
}

impl Local {
    async fn serve(self, postgres: Option<&str>) -> Result<(), ServerError> {
        let mut stop = Stop::on_signal()?;
        let url = self.vars.find("DATABASE_URL").ok_or(ServerError::NoDatabase)?;
        tokio::select! {
            migrated = database::migrate(&url) => migrated?,
            () = stop.asked() => return Ok(()),
        }
        let functions =
            Arc::new(Functions::from_vars(Mode::Local, CONNECTIONS, &|name| self.vars.find(name))?);
        let router = self.router(&functions);
        let simulated = self.simulated().to_vec();
        let sockets = self.listeners.into_tokio()?;
        let ticker = Ticker::start(Arc::clone(&functions), TICK, stop.clone());

        let sandbox_url = self.simulation.is_some().then(|| format!("{}/sandbox", self.origin));
        let sandbox = sandbox_url.as_deref();
        Welcome { origin: &self.origin, simulated: &simulated, sandbox, postgres, data: &self.data }.print();

        // The last calls of the interval timer may go to the sandbox behind these sockets, so the timer ends
        // first.
        let (last, ended) = tokio::sync::watch::channel(false);
        let serving = join_all(sockets.into_iter().map(|socket| {
            let mut ended = ended.clone();
            let shutdown = async move {
                // A dropped sender is the end as well.
                let _ = ended.wait_for(|ended| *ended).await;
            };
            social_sandbox::serve(socket, router.clone(), shutdown)
        }));
        let finishing = async {
            stop.asked().await;
            ticker.finish().await;
            last.send_replace(true);
        };
        tokio::join!(serving, finishing);
        hosted::close(&functions);
        Ok(())
    }

    fn simulated(&self) -> &[&'static str] {
        self.simulation.as_ref().map_or(&[], |simulation| &simulation.platforms)
    }

    fn router(&self, functions: &Arc<Functions>) -> Router {
        let config = &functions.publisher.flow.config;
        let demo = Arc::new(Demo {
            auth: config.auth.clone(),
            simulated: self.simulated().to_vec(),
            sample_video_url: format!("{}/sample.mp4", self.origin),
            sandbox_url: self.simulation.as_ref().map(|_| format!("{}/sandbox", self.origin)),
        });
        let https = config.app_url.scheme() == "https";
        let app_host: Arc<str> = config.app_url.host_str().map(Arc::from).unwrap_or_default();
        let own = Router::new()
            .route("/local/session", get(demo::session))
            .with_state(demo)
            .route("/sample.mp4", get(sample::video));
        let sandbox = self.simulation.as_ref().map(simulate::router).unwrap_or_default();
        site::router()
            .merge(own)
            .merge(probes::router(Arc::clone(functions)))
            .merge(functions::router(Arc::clone(functions)))
            .layer(middleware::map_response_with_state(https, headers::secure))
            // The simulated platforms have pages of their own.
            .merge(sandbox)
            .layer(middleware::from_fn_with_state(app_host, door::only_ours))
    }
}
