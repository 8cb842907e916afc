//! Runs the sandbox alone, for soak tests: `social-sandbox --port 9090 [--data DIR]`.
//!
//! The app's registration comes from the same variables as the functions': `TIKTOK_CLIENT_KEY`,
//! `TIKTOK_CLIENT_SECRET`, `TIKTOK_REDIRECT_URI`, `TIKTOK_VERIFIED_URL_PREFIXES`, `TIKTOK_WEBHOOK_URL`;
//! `YOUTUBE_CLIENT_ID`, `YOUTUBE_CLIENT_SECRET`, `YOUTUBE_REDIRECT_URI`, and the same with `INSTAGRAM` and
//! `FACEBOOK`.

use social_sandbox::{Sandbox, Settings, facebook, instagram, meta, serve, tiktok, youtube};
use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::net::TcpListener;
use url::Url;

const USAGE: &str = "usage: social-sandbox --port N [--data DIR]";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let (port, data) = arguments()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let base_url = Url::parse(&format!("http://{address}")).map_err(|error| error.to_string())?;
    let settings = Settings {
        base_url,
        storage: data,
        tiktok: app()?,
        youtube: google(),
        instagram: meta_app("INSTAGRAM", &instagram::SCOPES, meta::Proof::Optional),
        facebook: meta_app("FACEBOOK", &facebook::SCOPES, meta::Proof::Required),
    };
    let sandbox = Sandbox::open(settings).map_err(|error| error.to_string())?;
    println!("http://{address}/");
    let stop = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    serve(listener, sandbox.router(), stop).await;
    Ok(())
}

fn arguments() -> Result<(u16, Option<PathBuf>), String> {
    let (mut port, mut data) = (None, None);
    let mut arguments = env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match name.as_str() {
            "--port" => port = Some(value.parse().map_err(|_| USAGE)?),
            "--data" => data = Some(PathBuf::from(value)),
            _ => return Err(USAGE.into()),
        }
    }
    Ok((port.ok_or(USAGE)?, data))
}

#[expect(clippy::disallowed_methods, reason = "main is who reads the environment")]
fn text(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.into())
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn meta_app(prefix: &str, scopes: &[&str], proof: meta::Proof) -> meta::App {
    let callback = "http://127.0.0.1:8888/.netlify/functions/social-accounts-callback";
    meta::App {
        id: text(&format!("{prefix}_CLIENT_ID"), "1000200030004000"),
        secret: text(&format!("{prefix}_CLIENT_SECRET"), "sandbox-secret"),
        redirect_uris: list(&text(&format!("{prefix}_REDIRECT_URI"), callback)),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        proof,
    }
}

fn google() -> youtube::App {
    let app = youtube::App::default();
    youtube::App {
        client_id: text("YOUTUBE_CLIENT_ID", &app.client_id),
        client_secret: text("YOUTUBE_CLIENT_SECRET", &app.client_secret),
        redirect_uris: list(&text("YOUTUBE_REDIRECT_URI", &app.redirect_uris.join(","))),
        ..app
    }
}

fn app() -> Result<tiktok::App, String> {
    let webhook_url = match text("TIKTOK_WEBHOOK_URL", "") {
        empty if empty.is_empty() => None,
        url => Some(Url::parse(&url).map_err(|_| "TIKTOK_WEBHOOK_URL is not a URL")?),
    };
    let redirect = "http://127.0.0.1:8888/.netlify/functions/tiktok-callback";
    Ok(tiktok::App {
        client_key: text("TIKTOK_CLIENT_KEY", "sandbox-key"),
        client_secret: text("TIKTOK_CLIENT_SECRET", "sandbox-secret"),
        redirect_uris: list(&text("TIKTOK_REDIRECT_URI", redirect)),
        scopes: tiktok::SCOPES.map(str::to_owned).into(),
        webhook_url,
        verified_url_prefixes: list(&text("TIKTOK_VERIFIED_URL_PREFIXES", "")),
        audited: true,
    })
}
