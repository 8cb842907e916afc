//! A large file through little memory: the real publisher in a process of 128 MiB, over a real Postgres, to each
//! platform's sandbox, which says what arrived.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Response, header};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use social_core::clock::{Clock as _, Deadline, SystemClock};
use social_core::config::Mode;
use social_core::model::RequestId;
use social_core::publish::Budget;
use social_core::store::Reach;
use social_core::web::{Functions, platform_vars};
use social_sandbox::{Apps, Registration, Sandbox, Settings, facebook, instagram, tiktok, youtube};
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

use crate::cpu;
use crate::fill;
use crate::nginx::Nginx;
use crate::server::Server;
use crate::trouble::{Outcome, Trouble};

/// What the worker's process may hold, program and all.
const MEMORY: u64 = 128 * 1024 * 1024;
const APP_URL: &str = "http://localhost:8888";
const SECRET: &str = "the-secret-of-all-our-benches";
const OWNER: &str = "alice";
const HANDLE: &str = "demokitchen";
const HEAD: &[u8] = include_bytes!("../../tests/fixtures/video/vertical_540.mp4");

/// What one platform is given, in bytes: 4 GiB, or the largest file that it takes.
fn given(platform: &str, gib: u64) -> (u64, Value) {
    let size = gib * 1024 * 1024 * 1024;
    match platform {
        "tiktok" => (size.min(4_294_967_296), json!({ "privacy_level": "PUBLIC_TO_EVERYONE" })),
        "youtube" => (size, json!({ "privacyStatus": "public", "selfDeclaredMadeForKids": false })),
        "instagram" => (size.min(300_000_000), json!({})),
        _ => (size, json!({})),
    }
}

/// The environment, for both processes.
fn var(name: &str, database: &str, base: &str) -> Option<String> {
    for vars in platform_vars() {
        if name == vars.client_id {
            return Some("5550123".to_owned());
        }
        if name == vars.client_secret {
            return Some(SECRET.to_owned());
        }
        if vars.urls.iter().any(|(url, _)| *url == name) {
            return Some(format!("{base}/{}", vars.platform));
        }
    }
    let value = match name {
        "APP_URL" => APP_URL,
        "DATABASE_URL" => database,
        "TOKEN_ENCRYPTION_KEYS" => fill::KEYS,
        "AUTH_JWT_SECRET" | "WORKER_SECRET" => SECRET,
        "INSTAGRAM_UPLOAD_MODE" => "resumable",
        _ => return None,
    };
    Some(value.to_owned())
}

fn app(database: &str, base: &str) -> Outcome<Functions> {
    Functions::from_vars(Mode::Local, 4, &|name| var(name, database, base))
        .map_err(|error| Trouble::Said(error.to_string()))
}

/// The worker's process: invocations of a minute, until it is killed.
pub(crate) async fn work(database: &str, base: &str) -> Outcome<()> {
    let (app, request) = (app(database, base)?, RequestId::from(Uuid::nil()));
    loop {
        let deadline = Deadline::after(SystemClock.now(), Duration::from_mins(1));
        app.publisher.run(Budget { deadline, concurrency: 4 }, Reach::Everything, &request).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Sends a file to each platform, one after another.
pub(crate) async fn run(server: &Server, folder: &Path, gib: u64) -> Outcome<()> {
    let database = server.migrated("narrow").await?;
    let nginx = Nginx::start(folder, 0, None)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let sandbox = Sandbox::open(settings(&base)?).map_err(|error| Trouble::Said(error.to_string()))?;
    sandbox.tiktok().set_limits(tiktok::Limits::unlimited());
    sandbox.youtube().set_limits(youtube::Limits::unlimited());
    sandbox.instagram().set_limits(instagram::Limits::unlimited());
    sandbox.facebook().set_limits(facebook::Limits::unlimited());
    tokio::spawn(social_sandbox::serve(listener, sandbox.router(), std::future::pending()));
    let app = app(&database.app_url, &base)?;
    println!("\n{} MiB for the worker's process ({}):\n", MEMORY / 1_048_576, Fence::name());
    println!("| platform | bytes | calls | s | CPU s/GiB | peak memory, MiB | state | SHA-256 |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |");
    let mut is_well = true;
    for vars in platform_vars() {
        let (size, options) = given(vars.platform, gib);
        let (path, sha256) = film(&nginx.files(), size)?;
        let account = connect(&app, &sandbox, vars.platform).await?;
        let url = nginx.url().replace("video.mp4", &path);
        let body = json!({
            "videoUrl": url, "caption": "hello #world", "title": "Hello",
            "results": [{ "accountId": account, vars.platform: options }],
        });
        let post = json(&call(&app, Method::POST, "/social-posts", Some(&body)).await?)?;
        let post = text(&post, "/id").ok_or_else(|| Trouble::Said(post.to_string()))?;
        let worker = Fence::around(&["narrow-work", &database.app_url, &base])?;
        let start = Instant::now();
        let result = wait(&app, &post).await?;
        let (took, process) = (start.elapsed(), worker.child.id());
        let (cpu, peak) = (cpu::of_process(process)?, cpu::peak_memory(process)?);
        drop(worker);
        let arrived = arrived(&sandbox, vars.platform);
        let is_same = arrived.last() == Some(&sha256)
            && arrived.len() == 1
            && text(&result, "/state").as_deref() == Some("published");
        is_well &= is_same;
        let attempts =
            json(&call(&app, Method::GET, &format!("/social-posts/{post}/attempts"), None).await?)?;
        println!(
            "| {} | {size} | {} | {:.1} | {:.2} | {:.0} | {} {} | {} |",
            vars.platform,
            attempts.get("attempts").and_then(Value::as_array).map_or(0, Vec::len),
            took.as_secs_f64(),
            cpu.as_secs_f64() / (number(size) / 1_073_741_824.0),
            number(peak) / 1_048_576.0,
            text(&result, "/state").unwrap_or_default(),
            text(&result, "/error/code").unwrap_or_default(),
            if is_same { "the same" } else { "not the same" },
        );
        fs::remove_file(nginx.files().join(path))?;
    }
    drop(app);
    server.drop(&database.name).await?;
    if is_well { Ok(()) } else { Err("not every file arrived whole, once".into()) }
}

fn number(count: u64) -> f64 {
    // Exact to 2^53, which is more than there is.
    count.to_string().parse().unwrap_or_default()
}

fn settings(base: &str) -> Outcome<Settings> {
    let function = |name: &str| format!("{APP_URL}/.netlify/functions/{name}");
    let apps = Apps::registered(|_| Registration {
        client_id: "5550123".to_owned(),
        client_secret: SECRET.to_owned(),
        redirect_uris: vec![function("social-accounts-callback"), function("tiktok-callback")],
        webhook_url: None,
        verified_url_prefixes: Vec::new(),
    });
    let base_url = Url::parse(base).map_err(|error| Trouble::Said(error.to_string()))?;
    // Nothing is kept: what arrives is hashed, counted and gone.
    Ok(Settings { base_url, storage: None, apps })
}

/// The SHA-256 of what a platform has published, in order.
fn arrived(sandbox: &Sandbox, platform: &str) -> Vec<String> {
    match platform {
        "tiktok" => sandbox.tiktok().published().into_iter().map(|one| one.sha256).collect(),
        "youtube" => sandbox.youtube().published().into_iter().map(|one| one.sha256).collect(),
        "instagram" => sandbox.instagram().published().into_iter().map(|one| one.sha256).collect(),
        _ => sandbox.facebook().published().into_iter().map(|one| one.sha256).collect(),
    }
}

/// Makes a video of that size that is nowhere like itself: a real one's head, and a `free` box (ISO/IEC 14496-12 §8.1.2).
fn film(folder: &Path, size: u64) -> Outcome<(String, String)> {
    let name = format!("{size}.mp4");
    let mut file = File::create(folder.join(&name))?;
    let mut sha256 = Sha256::new();
    let head = u64::try_from(HEAD.len()).unwrap_or_default();
    let mut begin = HEAD.to_vec();
    begin.extend([0, 0, 0, 1]);
    begin.extend(b"free");
    begin.extend((size - head).to_be_bytes());
    sha256.update(&begin);
    file.write_all(&begin)?;
    let mut left = size - head - 16;
    let (mut block, mut state) = (vec![0_u8; 1 << 20], 88_172_645_463_325_252_u64);
    for piece in block.chunks_exact_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        piece.copy_from_slice(&state.to_le_bytes());
    }
    let mut count = 0_u64;
    while left > 0 {
        if let Some(stamp) = block.first_chunk_mut::<8>() {
            *stamp = count.to_le_bytes();
        }
        count += 1;
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        let piece = block.get(..most).unwrap_or_default();
        sha256.update(piece);
        file.write_all(piece)?;
        left -= u64::try_from(most).unwrap_or_default();
    }
    let hex = sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((name, hex))
}

async fn call(app: &Functions, method: Method, path: &str, body: Option<&Value>) -> Outcome<Response<Bytes>> {
    let claims = json!({ "sub": OWNER, "exp": 4_102_444_800_i64 });
    let token =
        jsonwebtoken::encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes()))
            .map_err(|error| Trouble::Said(error.to_string()))?;
    let request = http::Request::builder()
        .method(method)
        .uri(format!("/.netlify/functions{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string())))
        .map_err(|error| Trouble::Said(error.to_string()))?;
    answer(app, request).await
}

/// Calls the function that a request names, as a host would.
async fn answer(app: &Functions, request: http::Request<Bytes>) -> Outcome<Response<Bytes>> {
    let (parts, body) = app.answer(request.map(Body::from)).await.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await;
    let body = body.map_err(|error| Trouble::Said(error.to_string()))?;
    Ok(Response::from_parts(parts, body))
}

fn json(response: &Response<Bytes>) -> Outcome<Value> {
    serde_json::from_slice(response.body()).map_err(|error| Trouble::Said(error.to_string()))
}

/// The text at a place.
fn text(value: &Value, place: &str) -> Option<String> {
    value.pointer(place)?.as_str().map(str::to_owned)
}

/// Connects an account as its owner would: popup, consent, callback. Returns its id.
async fn connect(app: &Functions, sandbox: &Sandbox, platform: &'static str) -> Outcome<String> {
    let (mut person, mut page) = (HANDLE.to_owned(), String::new());
    match platform {
        "tiktok" => drop(sandbox.tiktok().create_account(HANDLE, tiktok::Visibility::Public)),
        "youtube" => drop(sandbox.youtube().create_channel(HANDLE)),
        "instagram" => drop(sandbox.instagram().create_account(HANDLE, instagram::AccountType::Business)),
        _ => {
            person = format!("{HANDLE}.boss");
            page = format!("&page={HANDLE}");
            drop(sandbox.facebook().assign(&person, HANDLE, facebook::Role::Content));
        }
    }
    let path = format!("/social-accounts-connect?platform={platform}");
    let begun = call(app, Method::GET, &path, None).await?;
    let cookie =
        begun.headers().get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let begun = json(&begun)?;
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(social_core::http::tls_config())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|error| Trouble::Said(error.to_string()))?;
    let consent = client
        .post(text(&begun, "/authUrl").ok_or_else(|| Trouble::Said(begun.to_string()))?)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(format!("account={person}&scope=all{page}&decision=allow"))
        .send()
        .await
        .map_err(|error| Trouble::Said(error.to_string()))?;
    let back =
        consent.headers().get(header::LOCATION).and_then(|back| back.to_str().ok()).ok_or("no consent")?;
    let back = Url::parse(back).map_err(|error| Trouble::Said(error.to_string()))?;
    let request = http::Request::get(format!("{}?{}", back.path(), back.query().unwrap_or_default()))
        .header(header::COOKIE, cookie)
        .body(Bytes::new())
        .map_err(|error| Trouble::Said(error.to_string()))?;
    answer(app, request).await?;
    let listed = json(&call(app, Method::GET, "/social-accounts?limit=100", None).await?)?;
    let accounts = listed.get("accounts").and_then(Value::as_array).cloned().unwrap_or_default();
    let account = accounts.iter().find(|account| text(account, "/platform").as_deref() == Some(platform));
    account
        .and_then(|account| text(account, "/id"))
        .ok_or_else(|| Trouble::Said(format!("{platform} was not connected: {listed}")))
}

/// The only result of a post, once it is over.
async fn wait(app: &Functions, post: &str) -> Outcome<Value> {
    let start = Instant::now();
    loop {
        let post = json(&call(app, Method::GET, &format!("/social-posts/{post}"), None).await?)?;
        let result = post.pointer("/results/0").cloned().unwrap_or_default();
        let state = text(&result, "/state").unwrap_or_default();
        if !["queued", "publishing", "processing"].contains(&state.as_str()) {
            return Ok(result);
        }
        if start.elapsed() > Duration::from_mins(10) {
            return Err(Trouble::Said(format!("it does not end: {result}")));
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// A process of ours that may hold no more than [`MEMORY`]: a control group where they can be made, else what it may
/// map besides files and stacks (`RLIMIT_DATA`).
struct Fence {
    child: Child,
    group: Option<PathBuf>,
}

/// Where control groups are made, and the file with the limit in them: version 2, or 1.
const GROUPS: [(&str, &str); 2] =
    [("/sys/fs/cgroup", "memory.max"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")];

impl Fence {
    fn group() -> Option<PathBuf> {
        GROUPS.iter().find_map(|(root, limit)| {
            let group = Path::new(root).join(format!("social-narrow-{}", std::process::id()));
            if !group.is_dir() {
                fs::create_dir(&group).ok()?;
            }
            if fs::write(group.join(limit), MEMORY.to_string()).is_ok() {
                return Some(group);
            }
            let _ = fs::remove_dir(&group);
            None
        })
    }

    fn name() -> &'static str {
        let group = Self::group();
        if let Some(group) = &group {
            let _ = fs::remove_dir(group);
        }
        if group.is_some() { "a control group" } else { "RLIMIT_DATA" }
    }

    fn around(args: &[&str]) -> Outcome<Self> {
        let group = Self::group();
        let fence = match &group {
            Some(group) => format!("echo $$ > {}/cgroup.procs", group.display()),
            None => format!("ulimit -d {}", MEMORY / 1024),
        };
        let child = Command::new("sh")
            .args(["-c", &format!("{fence} && exec \"$0\" \"$@\"")])
            .arg(std::env::current_exe()?)
            .args(args)
            .spawn()?;
        Ok(Self { child, group })
    }
}

impl Drop for Fence {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(group) = &self.group {
            let _ = fs::remove_dir(group);
        }
    }
}
