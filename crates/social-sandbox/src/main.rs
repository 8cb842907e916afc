//! Runs the sandbox alone, for soak tests: `social-sandbox --port 9090 [--data DIR]`.
//!
//! The app's registration comes from the same variables as the functions': `YOUTUBE_CLIENT_ID`,
//! `YOUTUBE_CLIENT_SECRET` and `YOUTUBE_REDIRECT_URI`, and the same for each platform. TikTok says
//! `TIKTOK_CLIENT_KEY`, and also has `TIKTOK_VERIFIED_URL_PREFIXES` and `TIKTOK_WEBHOOK_URL`.

use social_sandbox::{Apps, Registration, Sandbox, Settings, serve};
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
    let settings = Settings { base_url, storage: data, apps: Apps::registered(registration) };
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

fn registration(platform: &str) -> Registration {
    let named = |part: &str, default: &str| text(&format!("{}_{part}", platform.to_uppercase()), default);
    let callback = "http://127.0.0.1:8888/.netlify/functions/social-accounts-callback";
    Registration {
        client_id: named("CLIENT_KEY", &named("CLIENT_ID", "1000200030004000")),
        client_secret: named("CLIENT_SECRET", "sandbox-secret"),
        redirect_uris: list(&named("REDIRECT_URI", callback)),
        webhook_url: Url::parse(&named("WEBHOOK_URL", "")).ok(),
        verified_url_prefixes: list(&named("VERIFIED_URL_PREFIXES", "")),
    }
}
