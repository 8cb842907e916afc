//! The surroundings of the processes: the strict sandbox behind the wire, the videos, and the product's URL.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use social_sandbox::tiktok::Limits;
use social_sandbox::{Apps, Registration, Sandbox, Settings};
use tokio::net::TcpListener;
use url::Url;

use crate::error::SoakError;
use crate::film;
use crate::fleet::Fleet;
use crate::news::{self, News};
use crate::postgres::Postgres;
use crate::product::{Ask, FUNCTIONS, JWT_SECRET, Product, WORKER_SECRET};
use crate::timeline::Timeline;
use crate::wire::{self, Wire};

const CLIENT_KEY: &str = "awsoak";
const CLIENT_SECRET: &str = "the-app-of-every-soak-run";

/// The addresses, before a server listens on them.
#[derive(Debug)]
pub(crate) struct Stage {
    platform: TcpListener,
    product: TcpListener,
    /// The URL of the sandbox.
    platform_url: String,
    /// The URL of the product and the videos.
    product_url: String,
    pub(crate) sandbox: Sandbox,
}

impl Stage {
    pub(crate) async fn set() -> Result<Self, SoakError> {
        let (platform, platform_url) = listen().await?;
        let (product, product_url) = listen().await?;
        let webhook_url = Url::parse(&format!("{product_url}/webhook"))?;
        let apps = Apps::registered(|_| Registration {
            client_id: CLIENT_KEY.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            redirect_uris: vec![format!("{product_url}{FUNCTIONS}/tiktok-callback")],
            webhook_url: Some(webhook_url.clone()),
            verified_url_prefixes: vec![format!("{product_url}/verified/")],
        });
        let sandbox = Sandbox::open(Settings { base_url: Url::parse(&platform_url)?, storage: None, apps })?;
        // TikTok's limits per minute stay; fifteen posts a day would be used up in three minutes.
        let limits = Limits {
            posts_per_day: usize::MAX,
            pending_drafts: usize::MAX,
            active_users: Some(usize::MAX),
            processing_polls: 0,
            processing_seconds: 3,
            ..sandbox.tiktok().limits()
        };
        sandbox.tiktok().set_limits(limits);
        Ok(Self { platform, product, platform_url, product_url, sandbox })
    }

    /// Returns the environment of the processes.
    pub(crate) fn vars(&self, database: &str, with_news: bool) -> Vec<(&'static str, String)> {
        let mut vars = vec![
            ("APP_URL", self.product_url.clone()),
            ("DATABASE_URL", database.to_owned()),
            ("TOKEN_ENCRYPTION_KEYS", "soak:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".to_owned()),
            ("AUTH_JWT_SECRET", JWT_SECRET.to_owned()),
            ("WORKER_SECRET", WORKER_SECRET.to_owned()),
            ("WORKER_BUDGET_SECONDS", "8".to_owned()),
            ("TIKTOK_CLIENT_KEY", CLIENT_KEY.to_owned()),
            ("TIKTOK_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
            ("TIKTOK_WWW_URL", format!("{}/tiktok", self.platform_url)),
            ("TIKTOK_API_URL", format!("{}/tiktok", self.platform_url)),
            ("TIKTOK_VERIFIED_URL_PREFIXES", format!("{}/verified/", self.product_url)),
        ];
        if with_news {
            vars.push(("WEBHOOK_URLS", format!("{}{}", self.product_url, news::PATH)));
            vars.push(("WEBHOOK_SECRETS", "whsec_c29ha2luZyBpbiB0aGUgc3VuIGFsbCBkYXkgbG9uZyE=".to_owned()));
        }
        vars
    }

    /// Returns the URL of videos: below a verified prefix, or elsewhere.
    pub(crate) fn videos(&self, verified: bool) -> String {
        format!("{}/{}", self.product_url, if verified { "verified" } else { "plain" })
    }

    /// Starts both servers.
    pub(crate) fn open(
        self,
        seed: u64,
        fleet: &Arc<Fleet>,
        postgres: &Arc<Postgres>,
        timeline: &Arc<Timeline>,
        product: &Arc<Product>,
        news: &Arc<News>,
    ) -> Arc<Wire> {
        let wire = Arc::new(Wire {
            sandbox: self.sandbox.clone(),
            fleet: Arc::clone(fleet),
            postgres: Arc::clone(postgres),
            timeline: Arc::clone(timeline),
            state: Mutex::new(wire::State::new(seed)),
        });
        let through = Arc::clone(&wire);
        let platform =
            self.sandbox.router().layer(middleware::from_fn(move |request: Request, next: Next| {
                let wire = Arc::clone(&through);
                async move { wire.pass(request, next).await }
            }));
        let videos = Router::new()
            .route("/plain/{name}", get(film::serve))
            .route("/verified/{name}", get(film::serve))
            .route("/webhook", post(pass_on))
            .with_state(Arc::clone(product))
            .route(news::PATH, post(news::take).with_state(Arc::clone(news)));
        // The platform's processing also advances without status checks, and sends webhooks.
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(500)).await;
                self.sandbox.advance_clock(Duration::ZERO);
            }
        });
        tokio::spawn(social_sandbox::serve(self.platform, platform, std::future::pending()));
        tokio::spawn(social_sandbox::serve(self.product, videos, std::future::pending()));
        wire
    }
}

/// Forwards a webhook to one of the processes, as a load balancer does: once, and with its response.
async fn pass_on(State(product): State<Arc<Product>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let Ok(text) = String::from_utf8(body.to_vec()) else { return StatusCode::BAD_REQUEST };
    let names = [header::CONTENT_TYPE, HeaderName::from_static("tiktok-signature")];
    let ask =
        names.into_iter().fold(
            Ask::new(Method::POST, "/tiktok-webhook").text(text),
            |ask, name| match headers.get(&name).and_then(|value| value.to_str().ok()) {
                Some(value) => ask.header(name, value.to_owned()),
                None => ask,
            },
        );
    product.try_once(&ask).await.map_or(StatusCode::BAD_GATEWAY, |answer| answer.status)
}

async fn listen() -> Result<(TcpListener, String), SoakError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(SoakError::io("listen"))?;
    let address = listener.local_addr().map_err(SoakError::io("listen"))?;
    Ok((listener, format!("http://{address}")))
}
