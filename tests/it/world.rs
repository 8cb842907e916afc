//! A complete environment for each test: a database, a clock, strict simulators that count, a video server,
//! and our functions.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::{self, Next};
use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use social_core::clock::{Clock, Timestamp};
use social_core::config::{Config, Mode};
use social_core::entropy::SystemEntropy;
use social_core::web::{Arrival, Functions, platform_vars};
use social_sandbox::Sandbox;
use social_sandbox::tiktok::Limits;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tracing_subscriber::EnvFilter;

pub(crate) use crate::call::{answer, browser};
use crate::database::Database;
use crate::source::{Slowness, VideoServer, video};
use crate::stand_in;
use crate::wire::{Freeze, Wire};

pub(crate) const JWT_SECRET: &str = "the-secret-of-all-our-tests";
pub(crate) const WORKER_SECRET: &str = "the-worker-of-all-our-tests";
pub(crate) const APP_URL: &str = "http://localhost:8888";

/// A clock that tests move.
#[derive(Debug)]
pub(crate) struct ManualClock(Mutex<Timestamp>);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// The time of everything: the process, the database and the sandbox.
#[derive(Clone)]
pub(crate) struct Time {
    clock: Arc<ManualClock>,
    db: PgPool,
    sandbox: Sandbox,
}

impl Time {
    /// Lets time pass for everything.
    pub(crate) async fn pass(&self, by: Duration) {
        *self.clock.0.lock().unwrap() += by;
        self.pass_in_database(by).await;
        self.sandbox.advance_clock(by);
    }

    async fn pass_in_database(&self, by: Duration) {
        sqlx::query("update test_clock set at = at + make_interval(secs => $1)")
            .bind(by.as_secs_f64())
            .execute(&self.db)
            .await
            .unwrap();
    }
}

const CONNECTIONS: u32 = 4;

/// Eight seconds per invocation, as for a function with ten.
const BUDGET: &str = "8";

pub(crate) struct World {
    pub(crate) app: Arc<Functions>,
    pub(crate) sandbox: Sandbox,
    pub(crate) videos: VideoServer,
    pub(crate) wire: Arc<Wire>,
    pub(crate) db: PgPool,
    time: Time,
    config: Vec<(String, String)>,
    // The last field, so that it is dropped after everything that uses it.
    _database: Database,
}

/// The settings of one world.
#[derive(Default)]
pub(crate) struct Setting {
    /// Sets `TIKTOK_VERIFIED_URL_PREFIXES` and the sandbox's own list to the video server's URL, and
    /// `INSTAGRAM_UPLOAD_MODE`.
    pub(crate) pull: bool,
    /// How many bytes per second the video server sends, in virtual time; `None`: 10 million.
    pub(crate) source: Option<f64>,
    /// Further variables.
    pub(crate) vars: Vec<(&'static str, String)>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Setting::default()).await
    }

    pub(crate) async fn with(setting: Setting) -> Self {
        // Shown for a failing test, with RUST_LOG set.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::from_default_env())
            .with_test_writer()
            .try_init();
        let database = Database::create();
        let start: Timestamp = "2026-12-01T12:00:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock(Mutex::new(start)));
        let videos = VideoServer::start().await;
        let prefixes = if setting.pull { vec![videos.base()] } else { Vec::new() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let sandbox = Sandbox::open(stand_in::settings(&base, &prefixes)).unwrap();
        let wire = Arc::new(Wire::default());
        let through = Arc::clone(&wire);
        let router = sandbox.router().layer(middleware::from_fn(move |request: Request, next: Next| {
            let wire = Arc::clone(&through);
            async move { wire.pass(request, next).await }
        }));
        tokio::spawn(social_sandbox::serve(listener, router, std::future::pending()));
        let mut config: Vec<(String, String)> = [
            ("APP_URL", APP_URL.to_owned()),
            ("DATABASE_URL", database.app_url()),
            ("TOKEN_ENCRYPTION_KEYS", "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".to_owned()),
            ("AUTH_JWT_SECRET", JWT_SECRET.to_owned()),
            ("WORKER_SECRET", WORKER_SECRET.to_owned()),
            ("WORKER_BUDGET_SECONDS", BUDGET.to_owned()),
            ("TIKTOK_VERIFIED_URL_PREFIXES", prefixes.join(",")),
            ("INSTAGRAM_UPLOAD_MODE", if setting.pull { "url" } else { "resumable" }.to_owned()),
        ]
        .into_iter()
        .chain(stand_in::vars(&base))
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        config.extend(setting.vars.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let db = PgPoolOptions::new().max_connections(2).connect(&database.url()).await.unwrap();
        let app = new_app(&config, &clock, CONNECTIONS);
        let time = Time { clock, db: db.clone(), sandbox: sandbox.clone() };
        let bytes_per_second = setting.source.unwrap_or(10_000_000.0);
        videos.slow_down(Slowness { bytes_per_second, time: time.clone() });
        Self { app, sandbox, videos, wire, db, time, config, _database: database }
    }

    /// Starts another process over the same database: its own pool, client and memory.
    pub(crate) fn another_app(&self) -> Arc<Functions> {
        self.app_with(CONNECTIONS)
    }

    /// Does the same with another number of connections.
    pub(crate) fn app_with(&self, connections: u32) -> Arc<Functions> {
        new_app(&self.config, &self.time.clock, connections)
    }

    /// Starts a process of another cell.
    pub(crate) fn app_on(&self, database_url: &str) -> Arc<Functions> {
        let other = ("DATABASE_URL".to_owned(), database_url.to_owned());
        new_app(&[&self.config[..], &[other]].concat(), &self.time.clock, CONNECTIONS)
    }

    /// Restarts the functions with another value of a variable.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.config.push((name.to_owned(), value.to_owned()));
        self.app = self.another_app();
    }

    pub(crate) fn database_url(&self) -> &str {
        &self.config.iter().find(|(name, _)| name == "DATABASE_URL").unwrap().1
    }

    /// Lets time pass only in the processes, as after a freeze.
    pub(crate) fn advance_process(&self, by: Duration) {
        *self.time.clock.0.lock().unwrap() += by;
    }

    /// Returns the current time.
    pub(crate) fn now(&self) -> Timestamp {
        self.time.clock.now()
    }

    /// Lets time pass for everything.
    pub(crate) async fn advance(&self, by: Duration) {
        self.time.pass(by).await;
    }

    /// Lets time pass only in the database, as for a function whose clock is slow.
    pub(crate) async fn advance_database(&self, by: Duration) {
        self.time.pass_in_database(by).await;
    }

    /// Removes all limits but those a test sets.
    pub(crate) fn without_limits(&self) {
        self.sandbox.tiktok().set_limits(Limits::unlimited());
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        owner: Option<&str>,
        body: Option<Value>,
    ) -> Response<Bytes> {
        let mut request = http::Request::builder().method(method).uri(format!("/.netlify/functions{path}"));
        if let Some(owner) = owner {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token(owner)));
        }
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        answer(&self.app, request.body(body).unwrap(), Arrival::default()).await
    }

    pub(crate) async fn get(&self, path: &str, owner: &str) -> (StatusCode, Value) {
        read(&self.call(Method::GET, path, Some(owner), None).await)
    }

    pub(crate) async fn post(&self, path: &str, owner: &str, body: Value) -> (StatusCode, Value) {
        read(&self.call(Method::POST, path, Some(owner), Some(body)).await)
    }

    /// Creates a post for one account and returns its id.
    pub(crate) async fn publish(&self, owner: &str, account: &str, url: &str, options: Value) -> String {
        let body = json!({"videoUrl": url, "caption": "hello #world", "results": [{"accountId": account, "tiktok": options}]});
        let (status, post) = self.post("/social-posts", owner, body).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{post}");
        post["id"].as_str().unwrap().to_owned()
    }

    /// Connects an account of alice, and creates a post of this video on it. Returns the post's id.
    pub(crate) async fn posted(&self, handle: &str, video: Bytes, options: Value) -> String {
        let account = self.connect("alice", handle).await;
        let url = self.videos.put("v.mp4", video);
        self.publish("alice", &account, &url, options).await
    }

    /// Connects an account of alice, and creates so many posts on it. Returns the account's id.
    pub(crate) async fn post_often(&self, times: usize) -> String {
        let account = self.connect("alice", "demokitchen").await;
        let url = self.videos.put("v.mp4", video(200_000));
        for _ in 0..times {
            self.publish("alice", &account, &url, public()).await;
        }
        account
    }

    /// Cancels or retries a post of alice.
    pub(crate) async fn act(&self, post: &str, verb: &str) -> (StatusCode, Value) {
        let path = format!("/social-posts/{post}/{verb}");
        read(&self.call(Method::POST, &path, Some("alice"), None).await)
    }

    /// Returns the only result of a post.
    pub(crate) async fn result(&self, owner: &str, post: &str) -> Value {
        let (status, post) = self.get(&format!("/social-posts/{post}"), owner).await;
        assert_eq!(status, StatusCode::OK, "{post}");
        post["results"][0].clone()
    }

    /// Runs one invocation of the worker.
    pub(crate) async fn work(&self) -> Value {
        work_with(&self.app).await
    }

    /// Runs an invocation of another process until the `nth` call to a platform is frozen.
    pub(crate) async fn frozen_worker(&self, nth: usize, how: Freeze) -> JoinHandle<Value> {
        self.wire.freeze(nth, how);
        let app = self.another_app();
        let worker = tokio::spawn(async move { work_with(&app).await });
        self.wire.frozen().await;
        worker
    }

    /// Invokes the worker and lets time pass until nothing is in progress, or for two virtual days.
    pub(crate) async fn run_to_the_end(&self) {
        for _ in 0..400 {
            self.work().await;
            let next: Option<f64> = sqlx::query_scalar(
                "select extract(epoch from min(due_at) - social_now())::float8 from post_results where due_at is not null",
            )
            .fetch_one(&self.db)
            .await
            .unwrap();
            match next {
                None => return,
                Some(seconds) => self.advance(Duration::from_secs_f64(seconds.max(0.0))).await,
            }
        }
        panic!("something is stuck");
    }

    /// Returns the attempt log of a post, as (step, outcome) in order.
    pub(crate) async fn ledger(&self, owner: &str, post: &str) -> Vec<(String, String)> {
        let (_, body) = self.get(&format!("/social-posts/{post}/attempts"), owner).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        body["attempts"].as_array().unwrap().iter().map(|a| (text(&a["step"]), text(&a["outcome"]))).collect()
    }

    pub(crate) async fn scalar(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&self.db).await.unwrap()
    }

    pub(crate) async fn execute(&self, sql: &str) {
        sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&self.db).await.unwrap();
    }
}

/// Runs one invocation of the worker of some process.
pub(crate) async fn work_with(app: &Functions) -> Value {
    let request = http::Request::post("/.netlify/functions/social-post-worker")
        .header(header::AUTHORIZATION, format!("Bearer {WORKER_SECRET}"))
        .body(Bytes::new())
        .unwrap();
    let (status, report) = read(&answer(app, request, Arrival::default()).await);
    assert_eq!(status, StatusCode::OK, "{report}");
    report
}

fn new_app(config: &[(String, String)], clock: &Arc<ManualClock>, connections: u32) -> Arc<Functions> {
    let var =
        |name: &str| config.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let config = Config::from_vars(Mode::Local, &platform_vars(), &var).unwrap();
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
    Arc::new(Functions::new(config, connections, clock, Arc::new(SystemEntropy)).unwrap())
}

/// Returns the status of a response and its body as JSON.
pub(crate) fn read(response: &Response<Bytes>) -> (StatusCode, Value) {
    (response.status(), serde_json::from_slice(response.body()).unwrap_or(Value::Null))
}

pub(crate) fn tiktok_id() -> social_core::model::PlatformId {
    social_core::model::PlatformId::new("tiktok")
}

/// Returns a user's token, as their identity provider would sign it.
pub(crate) fn token(owner: &str) -> String {
    sign(&json!({"sub": owner, "exp": 4_102_444_800_i64}))
}

pub(crate) fn sign(claims: &Value) -> String {
    jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(JWT_SECRET.as_bytes()))
        .unwrap()
}

pub(crate) fn public() -> Value {
    json!({"privacy_level": "PUBLIC_TO_EVERYONE"})
}
