//! The platforms' stand-ins, for those nobody gave credentials for.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use social_core::config::PlatformVars;
use social_core::web;
use social_sandbox::{Sandbox, Settings, tiktok, youtube};
use url::Url;

use crate::error::ServerError;
use crate::keep::SANDBOX_SECRET;
use crate::vars::Vars;

const CLIENT_ID: &str = "sandbox";

/// The platforms to simulate. Half of the credentials are a mistake that the configuration explains.
pub(crate) fn wanted(vars: &Vars) -> Vec<PlatformVars> {
    let is_wanted =
        |platform: &PlatformVars| !vars.has(platform.client_id) && !vars.has(platform.client_secret);
    web::platform_vars().into_iter().filter(is_wanted).collect()
}

/// The stand-ins, and what keeps a second process from their memory.
pub(crate) struct Simulation {
    sandbox: Sandbox,
    /// The platforms simulated.
    pub(crate) platforms: Vec<PlatformVars>,
    _lock: File,
}

/// Where a stand-in sends its users back to, and what they are known by.
struct Place<'a> {
    app_url: &'a str,
    secret: String,
    prefixes: Vec<String>,
}

/// Registers our app at every stand-in, and lets the functions use those of `platforms`.
pub(crate) fn open(
    data: &Path,
    origin: &str,
    platforms: Vec<PlatformVars>,
    vars: &mut Vars,
) -> Result<Simulation, ServerError> {
    let storage = data.join("sandbox");
    let lock = lock(&storage)?;
    let base = format!("{origin}/sandbox");
    let app_url = vars.find("APP_URL").unwrap_or_else(|| origin.to_owned());
    let listed = vars.find("TIKTOK_VERIFIED_URL_PREFIXES").unwrap_or_default();
    let prefixes = listed.split(',').map(str::trim).filter(|prefix| !prefix.is_empty());
    let place = Place {
        app_url: app_url.trim_end_matches('/'),
        secret: vars.find(SANDBOX_SECRET).unwrap_or_default(),
        prefixes: prefixes.map(str::to_owned).collect(),
    };
    // An address made of the port is one.
    let base_url = Url::parse(&base).map_err(|_| social_sandbox::OpenError::BaseUrl)?;
    let sandbox = Sandbox::open(place.settings(base_url, &storage))?;
    in_a_hurry(&sandbox);
    for platform in &platforms {
        vars.decide(platform.client_id, CLIENT_ID);
        vars.decide(platform.client_secret, place.secret.as_str());
        vars.decide(platform.redirect_uri, place.function(platform.callback));
        for (url, _) in platform.urls {
            vars.decide(url, format!("{base}/{}", platform.platform));
        }
    }
    Ok(Simulation { sandbox, platforms, _lock: lock })
}

impl Place<'_> {
    fn function(&self, name: &str) -> String {
        format!("{}/.netlify/functions/{name}", self.app_url)
    }

    fn settings(&self, base_url: Url, storage: &Path) -> Settings {
        let generic = self.function("social-accounts-callback");
        Settings {
            base_url,
            storage: Some(storage.to_owned()),
            tiktok: tiktok::App {
                client_key: CLIENT_ID.to_owned(),
                client_secret: self.secret.clone(),
                redirect_uris: vec![self.function("tiktok-callback"), generic.clone()],
                scopes: tiktok::SCOPES.map(str::to_owned).into(),
                webhook_url: Url::parse(&self.function("tiktok-webhook")).ok(),
                verified_url_prefixes: self.prefixes.clone(),
                audited: true,
            },
            youtube: youtube::App {
                client_id: CLIENT_ID.to_owned(),
                client_secret: self.secret.clone(),
                redirect_uris: vec![generic],
                scopes: youtube::SCOPES.map(str::to_owned).into(),
                publishing: youtube::Publishing::Production,
            },
        }
    }
}

/// The real ones take minutes; here the first look, after five seconds, finds the video done.
fn in_a_hurry(sandbox: &Sandbox) {
    let limits = sandbox.tiktok().limits();
    sandbox.tiktok().set_limits(tiktok::Limits { processing_polls: 0, ..limits });
    let limits = sandbox.youtube().limits();
    sandbox.youtube().set_limits(youtube::Limits { invisible_polls: 0, processing_polls: 0, ..limits });
}

/// Two processes would overwrite each other's state. The lock goes with its process, however that ends.
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

/// The stand-ins' paths. Called inside a runtime.
pub(crate) fn router(simulation: &Simulation) -> Router {
    Router::new()
        .nest("/sandbox", simulation.sandbox.router())
        .route("/sandbox/", get(|| async { Redirect::temporary("/sandbox") }))
}
