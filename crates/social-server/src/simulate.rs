//! The simulated platforms, for platforms without credentials.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::path::Path;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use social_core::config::PlatformVars;
use social_core::web;
use social_sandbox::{Apps, Registration, Sandbox, Settings};
use url::Url;

use crate::error::ServerError;
use crate::keep::SANDBOX_SECRET;
use crate::vars::Vars;

const CLIENT_ID: &str = "sandbox";

/// Returns the platforms to simulate. Incomplete credentials are an error that the configuration explains.
pub(crate) fn wanted(vars: &Vars) -> Vec<PlatformVars> {
    let is_real = |platform: &PlatformVars| vars.has(platform.client_id) || vars.has(platform.client_secret);
    web::platform_vars().into_iter().filter(|platform| !is_real(platform)).collect()
}

/// The simulators, and the lock on their state.
pub(crate) struct Simulation {
    /// The simulated platforms.
    pub(crate) platforms: Vec<&'static str>,
    sandbox: Sandbox,
    _lock: File,
}

/// Registers an app with every simulator, and lets the functions use those of `platforms`.
pub(crate) fn open(
    data: &Path,
    origin: &str,
    platforms: &[PlatformVars],
    vars: &mut Vars,
) -> Result<Simulation, ServerError> {
    let storage = data.join("sandbox");
    let lock = lock(&storage)?;
    let base = format!("{origin}/sandbox");
    let app_url = vars.find("APP_URL").unwrap_or_else(|| origin.to_owned());
    let function = |name: &str| format!("{}/.netlify/functions/{name}", app_url.trim_end_matches('/'));
    let secret = vars.find(SANDBOX_SECRET).unwrap_or_default();
    let prefixes = vars.find("TIKTOK_VERIFIED_URL_PREFIXES").unwrap_or_default();
    let callbacks: HashMap<_, _> =
        web::platform_vars().into_iter().map(|vars| (vars.platform, vars.callback)).collect();
    let registration = |platform: &'static str| Registration {
        client_id: CLIENT_ID.to_owned(),
        client_secret: secret.clone(),
        redirect_uris: callbacks
            .get(platform)
            .into_iter()
            .chain(&["social-accounts-callback"])
            .map(|name| function(name))
            .collect(),
        webhook_url: Url::parse(&function(&format!("{platform}-webhook"))).ok(),
        verified_url_prefixes: prefixes
            .split(',')
            .map(str::trim)
            .filter(|prefix| !prefix.is_empty())
            .map(str::to_owned)
            .collect(),
    };
    // A URL that is built from the port is valid.
    let base_url = Url::parse(&base).map_err(|_| social_sandbox::OpenError::BaseUrl)?;
    let apps = Apps::registered(registration);
    let sandbox = Sandbox::open(Settings { base_url, storage: Some(storage), apps })?;
    // Real platforms take minutes. Here the first check, after five seconds, finds the video processed.
    sandbox.skip_processing();
    for platform in platforms {
        vars.decide(platform.client_id, CLIENT_ID);
        vars.decide(platform.client_secret, secret.as_str());
        vars.decide(platform.redirect_uri, function(platform.callback));
        for (url, _) in platform.urls {
            vars.decide(url, format!("{base}/{}", platform.platform));
        }
    }
    let platforms = platforms.iter().map(|platform| platform.platform).collect();
    Ok(Simulation { platforms, sandbox, _lock: lock })
}

/// Locks the state: two processes would overwrite each other's. The lock ends with its process, in every
/// case.
fn lock(storage: &Path) -> Result<File, ServerError> {
    let trouble = |source| ServerError::File { doing: "lock", path: storage.to_owned(), source };
    fs::create_dir_all(storage).map_err(trouble)?;
    let file = File::create(storage.join("lock")).map_err(trouble)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServerError::SandboxBusy(storage.to_owned())),
        Err(TryLockError::Error(source)) => Err(trouble(source)),
    }
}

/// Returns the simulators' routes. Call it inside a runtime.
pub(crate) fn router(simulation: &Simulation) -> Router {
    Router::new()
        .nest("/sandbox", simulation.sandbox.router())
        .route("/sandbox/", get(|| async { Redirect::temporary("/sandbox") }))
}
