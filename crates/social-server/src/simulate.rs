//! TikTok's stand-in, where nobody gave credentials for the real one.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use social_sandbox::{Sandbox, Settings, tiktok, youtube};
use url::Url;

use crate::error::ServerError;
use crate::keep::SANDBOX_SECRET;
use crate::vars::Vars;

const CLIENT_KEY: &str = "sandbox";

/// Whether TikTok is to be simulated. Half of the credentials are a mistake that the configuration explains.
pub(crate) fn is_wanted(vars: &Vars) -> bool {
    !vars.has("TIKTOK_CLIENT_KEY") && !vars.has("TIKTOK_CLIENT_SECRET")
}

/// The stand-in, and what keeps a second process from its memory.
pub(crate) struct Simulation {
    sandbox: Sandbox,
    _lock: File,
}

/// Registers an app at the stand-in, and lets the functions use it.
pub(crate) fn open(data: &Path, origin: &str, vars: &mut Vars) -> Result<Simulation, ServerError> {
    let storage = data.join("sandbox");
    let lock = lock(&storage)?;
    let base = format!("{origin}/sandbox");
    let app_url = vars.find("APP_URL").unwrap_or_else(|| origin.to_owned());
    let function = |name: &str| format!("{}/.netlify/functions/{name}", app_url.trim_end_matches('/'));
    let secret = vars.find(SANDBOX_SECRET).unwrap_or_default();
    let prefixes = vars.find("TIKTOK_VERIFIED_URL_PREFIXES").unwrap_or_default();
    let app = tiktok::App {
        client_key: CLIENT_KEY.to_owned(),
        client_secret: secret.clone(),
        redirect_uris: vec![function("tiktok-callback"), function("social-accounts-callback")],
        scopes: tiktok::SCOPES.map(str::to_owned).into(),
        webhook_url: Url::parse(&function("tiktok-webhook")).ok(),
        verified_url_prefixes: prefixes
            .split(',')
            .map(str::trim)
            .filter(|prefix| !prefix.is_empty())
            .map(str::to_owned)
            .collect(),
        audited: true,
    };
    let google = youtube::App {
        client_id: CLIENT_KEY.to_owned(),
        client_secret: secret.clone(),
        redirect_uris: vec![function("social-accounts-callback")],
        scopes: youtube::SCOPES.map(str::to_owned).into(),
        publishing: youtube::Publishing::Production,
    };
    // An address made of the port is one.
    let base_url = Url::parse(&base).map_err(|_| social_sandbox::OpenError::BaseUrl)?;
    let sandbox = Sandbox::open(Settings { base_url, storage: Some(storage), tiktok: app, youtube: google })?;
    // TikTok takes minutes; here the first look, after five seconds, finds the video done.
    let limits = sandbox.tiktok().limits();
    sandbox.tiktok().set_limits(tiktok::Limits { processing_polls: 0, ..limits });
    vars.decide("TIKTOK_CLIENT_KEY", CLIENT_KEY);
    vars.decide("TIKTOK_CLIENT_SECRET", secret);
    vars.decide("TIKTOK_REDIRECT_URI", function("tiktok-callback"));
    vars.decide("TIKTOK_WWW_URL", format!("{base}/tiktok"));
    vars.decide("TIKTOK_API_URL", format!("{base}/tiktok"));
    Ok(Simulation { sandbox, _lock: lock })
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
