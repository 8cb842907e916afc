//! The product, called as a host calls it. Its platforms refuse every call, and no call leaves this machine.

use std::io;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::request::Builder;
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::Value;
use social_core::clock::SystemClock;
use social_core::config::{Config, Mode};
use social_core::entropy::SystemEntropy;
use social_core::platform::FACTS;
use social_core::web::{Functions, platform_vars};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder as RuntimeBuilder, Runtime};
use url::Url;
use uuid::Uuid;

use crate::signature::token;

/// Where the product's page is.
pub const APP_URL: &str = "http://localhost:8888";
/// Signs users' tokens.
pub const JWT_SECRET: &str = "the-secret-of-all-fuzzed-tokens";
/// The worker's secret.
pub const WORKER_SECRET: &str = "the-secret-of-the-fuzzed-worker";
/// The client's secret at each platform; it signs webhooks.
pub const CLIENT_SECRET: &str = "cs-canary-client-secret";
/// The client's name at each platform.
pub const CLIENT_ID: &str = "awfuzzed";
/// The owner of the accounts.
pub const OWNER: &str = "alice";

/// Two keys, of which the first encrypts.
pub const KEYS: &str =
    "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=,k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// Refuses connections.
const NOWHERE: &str = "postgres://nobody@127.0.0.1:1/none?sslmode=disable";

const REFUSAL: &str = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\
    connection: close\r\n\r\n{\"error\":\"invalid_grant\"}";

/// The product and its runtime.
#[derive(Debug)]
pub struct Product {
    runtime: Runtime,
    functions: Functions,
}

/// An answer of the product.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Product {
    /// The product without a database: what needs one is answered with 503.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[must_use]
    pub fn without_database() -> Self {
        let runtime = runtime();
        Self { functions: functions(&runtime, NOWHERE), runtime }
    }

    /// The product with a database of its own, and an account on each platform: their ids are 1, 2, 3 and so on.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[must_use]
    pub fn with_database() -> Self {
        let runtime = runtime();
        let server = private_postgres::shared_for_tests("fuzz", |_| Ok(())).expect("a server of Postgres");
        let name = format!("fuzz_{}", std::process::id());
        let mut database = Url::parse(&server.url(&name)).expect("a URL");
        runtime.block_on(prepare(&server.url("postgres"), database.as_str(), &name)).expect("a database");
        // It waits for a busy machine.
        database.query_pairs_mut().append_pair("connect_timeout", "20");
        Self { functions: functions(&runtime, database.as_str()), runtime }
    }

    /// Makes a call.
    ///
    /// # Panics
    ///
    /// If the body of the answer breaks off.
    #[must_use]
    pub fn call(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let (parts, body) = self.functions.answer(request).await.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a whole body").to_vec();
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }
}

impl Answer {
    /// Returns the body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Checks that the call was made, or refused by a code, and that no secret is told.
    ///
    /// # Panics
    ///
    /// If the product failed.
    pub fn assert_in_order(&self) {
        let text = String::from_utf8_lossy(&self.body);
        assert!(self.status.is_success() || self.status.is_client_error(), "{}: {text}", self.status);
        if self.status.is_client_error() {
            assert!(self.json()["error"]["code"].as_str().is_some_and(|code| !code.is_empty()), "{text}");
        }
        for secret in [JWT_SECRET, WORKER_SECRET, CLIENT_SECRET] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

/// Returns a request of the owner.
#[must_use]
pub fn signed_in(method: &str, path: &str) -> Builder {
    let claims = format!("{{\"sub\":\"{OWNER}\",\"exp\":4102444800}}");
    let token = token(JWT_SECRET, br#"{"alg":"HS256"}"#, claims.as_bytes());
    Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {token}"))
}

/// Returns the settings of the product.
///
/// # Panics
///
/// If the product does not accept them.
#[must_use]
pub fn settings(database_url: &str, platforms: &str) -> Config {
    let mut vars: Vec<(&str, String)> = vec![
        ("APP_URL", APP_URL.to_owned()),
        ("DATABASE_URL", database_url.to_owned()),
        ("TOKEN_ENCRYPTION_KEYS", KEYS.to_owned()),
        ("AUTH_JWT_SECRET", JWT_SECRET.to_owned()),
        ("WORKER_SECRET", WORKER_SECRET.to_owned()),
        ("CONNECTS_PER_MINUTE", "0".to_owned()),
        ("CREATES_PER_MINUTE", "0".to_owned()),
        ("VALIDATIONS_PER_MINUTE", "0".to_owned()),
    ];
    for platform in platform_vars() {
        vars.extend([
            (platform.client_id, CLIENT_ID.to_owned()),
            (platform.client_secret, CLIENT_SECRET.to_owned()),
        ]);
        vars.extend(platform.urls.iter().map(|(name, _)| (*name, platforms.to_owned())));
    }
    let var = |name: &str| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    Config::from_vars(Mode::Local, &platform_vars(), &var).expect("settings")
}

fn runtime() -> Runtime {
    RuntimeBuilder::new_current_thread().enable_all().build().expect("a runtime")
}

fn functions(runtime: &Runtime, database_url: &str) -> Functions {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let platforms = format!("http://{}", listener.local_addr().expect("a port"));
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(refuse(stream));
        }
    });
    let config = settings(database_url, &platforms);
    Functions::new(config, 2, Arc::new(SystemClock), Arc::new(SystemEntropy)).expect("the product")
}

/// Answers as a platform that accepts no code and no token.
async fn refuse(mut stream: TcpStream) -> io::Result<()> {
    let mut request = [0; 16 * 1024];
    let _ = stream.read(&mut request).await?;
    stream.write_all(REFUSAL.as_bytes()).await
}

async fn prepare(server: &str, database: &str, name: &str) -> Result<(), sqlx::Error> {
    let mut admin = PgConnection::connect(server).await?;
    admin.execute(AssertSqlSafe(format!("create database {name}"))).await?;
    let mut admin = PgConnection::connect(database).await?;
    social_schema::migrate(&mut admin).await.map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
    for (nth, facts) in (1..).zip(FACTS) {
        let scopes: Vec<String> = facts.oauth.scopes.iter().map(|&scope| scope.to_owned()).collect();
        sqlx::query(
            "insert into social_accounts (id, owner_id, platform, account_id, client_id, status, access_token, scopes,
                connected_at, created_at, updated_at)
            values ($1, $2, $3, $3, $4, 'active', 'sealed', $5, now(), now(), now())",
        )
        .bind(Uuid::from_u128(nth))
        .bind(OWNER)
        .bind(facts.id.as_str())
        .bind(CLIENT_ID)
        .bind(scopes)
        .execute(&mut admin)
        .await?;
    }
    Ok(())
}
