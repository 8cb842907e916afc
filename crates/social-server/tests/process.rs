//! The built binary, started as a person or a container starts it.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test panics where it finds something wrong, also in its helpers"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use sqlx::{Connection as _, Executor as _};

const PROGRAM: &str = env!("CARGO_BIN_EXE_social-server");

/// A folder to start in, removed at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Returns a command without the variables of the test run, on any free port, so that tests run in
    /// parallel.
    fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.current_dir(&self.0).env_clear().env("PORT", "0").stdin(Stdio::null());
        for kept in ["PATH", "HOME", "PG_BIN_DIR", "XDG_CACHE_HOME"] {
            #[expect(clippy::disallowed_methods, reason = "what the programs of this machine need")]
            if let Ok(value) = std::env::var(kept) {
                command.env(kept, value);
            }
        }
        command
    }

    fn run(&self, words: &[&str], vars: &[(&str, &str)]) -> (Output, String) {
        let output = self.command().args(words).envs(vars.iter().copied()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output, said)
    }

    fn start(&self) -> Running {
        let mut child = self.command().stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("Open http://localhost:") {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "it ended before it said where it is");
        }
        let port = line.trim().rsplit(':').next().unwrap().parse().unwrap();
        Running { child, _lines: Some(lines), port }
    }

    fn postmaster(&self) -> u32 {
        let data = fs::read_dir(self.0.join(".data")).unwrap().map(|entry| entry.unwrap().path());
        let home = data.into_iter().find(|path| path.display().to_string().contains("postgres-")).unwrap();
        let pid = fs::read_to_string(home.join("data/postmaster.pid")).unwrap();
        pid.lines().next().unwrap().trim().parse().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running local mode.
struct Running {
    child: Child,
    _lines: Option<BufReader<ChildStdout>>,
    port: u16,
}

impl Running {
    fn get(&self, path: &str, headers: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let host = if headers.contains("host:") { String::new() } else { "host: localhost\r\n".to_owned() };
        write!(stream, "GET {path} HTTP/1.1\r\n{host}{headers}connection: close\r\n\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let status = reply.split(' ').nth(1).unwrap().parse().unwrap();
        let body = reply.split_once("\r\n\r\n").unwrap().1.to_owned();
        (status, body)
    }

    fn session(&self) -> serde_json::Value {
        let (status, body) = self.get("/local/session", "");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Returns an authorization header for the demo user.
    fn signed_in(&self) -> String {
        format!("authorization: Bearer {}\r\n", self.session()["token"].as_str().unwrap())
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn runs(process: u32) -> bool {
    Command::new("kill").args(["-0", &process.to_string()]).stderr(Stdio::null()).status().unwrap().success()
}

#[test]
fn a_newcomer_is_signed_in_and_has_no_accounts_and_ctrl_c_leaves_nothing_behind() {
    let place = Place::new("newcomer");
    let mut running = place.start();
    let session = running.session();
    assert_eq!(session["user"], "demo");
    assert_eq!(session["simulated"], serde_json::json!(["tiktok", "youtube", "instagram", "facebook"]));
    assert_eq!(session["sandboxUrl"], format!("http://localhost:{}/sandbox", running.port));

    let (status, body) = running.get("/api/social-accounts", &running.signed_in());
    assert_eq!((status, body.as_str()), (200, r#"{"accounts":[],"nextCursor":null}"#));
    assert_eq!(running.get("/.netlify/functions/social-accounts", "").0, 401);
    assert_eq!(running.get("/integrations", "").0, 200);
    assert_eq!(running.get("/sandbox", "").0, 200);
    assert_eq!(running.get("/api/social-unknown", "").0, 404);
    assert_eq!(running.get("/sample.mp4", "range: bytes=0-9\r\n").0, 206);
    assert_eq!(running.get("/", "host: rebound.example\r\n").0, 421);
    assert_eq!(running.get("/local/session", "sec-fetch-site: cross-site\r\n").0, 403);

    let postmaster = place.postmaster();
    running.signal("-INT");
    assert!(running.child.wait().unwrap().success());
    assert!(!runs(postmaster));
}

#[test]
fn the_probes_tell_a_process_without_its_database_from_a_dead_one() {
    let place = Place::new("probes");
    let running = place.start();
    assert_eq!(running.get("/livez", ""), (200, r#"{"status":"ok"}"#.to_owned()));
    assert_eq!(running.get("/readyz", ""), (200, r#"{"status":"ok"}"#.to_owned()));
    assert!(
        Command::new("kill").args(["-QUIT", &place.postmaster().to_string()]).status().unwrap().success()
    );
    while running.get("/readyz", "").0 == 200 {
        std::thread::yield_now();
    }
    let (status, body) = running.get("/readyz", "");
    assert!(status == 503 && body.contains("database_unavailable"), "{status} {body}");
    assert_eq!(running.get("/livez", "").0, 200);
}

#[test]
fn after_kill_9_the_next_start_finds_the_data_and_the_keys() {
    let place = Place::new("killed");
    let running = place.start();
    let signed_in = running.signed_in();
    let (status, body) = running.get("/api/tiktok-connect", &signed_in);
    assert_eq!(status, 200, "{body}");
    let kept = fs::read_to_string(place.0.join(".data/local.env")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(place.0.join(".data/local.env")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    running.signal("-KILL");
    drop(running);

    let mut running = place.start();
    assert_eq!(fs::read_to_string(place.0.join(".data/local.env")).unwrap(), kept);
    // The token was signed before.
    assert_eq!(running.get("/api/social-posts", &signed_in).0, 200);
    running.signal("-TERM");
    assert!(running.child.wait().unwrap().success());
}

#[test]
fn a_busy_port_is_named_with_the_remedy() {
    let place = Place::new("busy");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (output, said) = place.run(&[], &[("PORT", &port)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains(&format!("port {port} is in use")) && said.contains("cargo run"), "{said}");
    assert!(!place.0.join(".data").exists());
}

#[test]
fn half_of_the_credentials_are_a_mistake() {
    let place = Place::new("half");
    fs::write(place.0.join(".env"), "TIKTOK_CLIENT_KEY=canary\nTIKTOK_CLIENT_SECRET=\n").unwrap();
    let (output, said) = place.run(&[], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("TIKTOK_CLIENT_SECRET") && !said.contains("canary"), "{said}");
}

#[test]
fn a_line_that_is_no_variable_is_not_quoted() {
    let place = Place::new("line");
    fs::write(place.0.join(".env"), "GOOD=1\nBAD=canary canary\n").unwrap();
    let (_, said) = place.run(&[], &[]);
    assert!(said.contains("after GOOD") && !said.contains("canary"), "{said}");
}

#[test]
fn a_container_without_an_environment_lists_every_missing_variable() {
    let place = Place::new("container");
    let (output, said) = place.run(&["serve"], &[]);
    assert_eq!(output.status.code(), Some(1));
    for name in ["APP_URL", "DATABASE_URL", "TOKEN_ENCRYPTION_KEYS", "AUTH_JWT_SECRET", "WORKER_SECRET"] {
        assert!(said.contains(name), "{name} in {said}");
    }
    assert!(!place.0.join(".data").exists());
}

/// Returns the port of a `serve` that starts.
fn serving(lines: &mut impl std::io::BufRead) -> u16 {
    let mut line = String::new();
    while !line.contains("serving on port ") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "it ended before it served");
    }
    let digits = line.split("serving on port ").nth(1).unwrap();
    digits.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

#[test]
fn a_container_refuses_an_older_schema_with_one_sentence_and_is_not_ready_when_it_meets_one_later() {
    let place = Place::new("outdated");
    let server = private_postgres::shared_for_tests("outdated", |_| Ok(())).unwrap();
    let statement = |database: &str, statement: &'static str| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let url = server.url(database);
        runtime.block_on(async {
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            connection.execute(statement).await.unwrap();
        });
    };
    statement("postgres", "create database outdated");
    let url = server.url("outdated");
    let vars = [
        ("APP_URL", "https://app.example.com"),
        ("DATABASE_URL", url.as_str()),
        ("TOKEN_ENCRYPTION_KEYS", "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
        ("AUTH_JWT_SECRET", "the-secret-of-all-our-tests-here"),
        ("WORKER_SECRET", "the-worker-of-all-our-tests-here"),
    ];
    let (output, said) = place.run(&["serve"], &vars);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("has no schema") && said.contains("`social-server migrate`"), "{said}");
    let (output, said) = place.run(&["migrate"], &vars);
    assert!(output.status.success(), "{said}");
    let mut child =
        place.command().arg("serve").envs(vars).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let port = serving(&mut lines);
    // Read on, so that the process never waits for its log to be read.
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    let mut running = Running { child, _lines: None, port };
    assert_eq!(running.get("/readyz", "").0, 200);
    statement("outdated", "delete from _sqlx_migrations where version > 20261128000012");
    let (status, body) = running.get("/readyz", "");
    assert_eq!(status, 503);
    for part in ["schema_outdated", "20261128000012", "run `social-server migrate`"] {
        assert!(body.contains(part), "{part} in {body}");
    }
    let (output, said) = place.run(&["serve"], &vars);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("20261128000012") && said.lines().count() == 1, "{said}");
    running.signal("-TERM");
    assert!(running.child.wait().unwrap().success());
    statement("postgres", "drop database outdated with (force)");
}

#[test]
fn what_is_no_command_is_not_taken_for_local_mode() {
    let place = Place::new("command");
    let (output, said) = place.run(&["sevre"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("help"), "{said}");
    let (output, said) = place.run(&["migrate"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("DATABASE_URL"), "{said}");
}

#[test]
fn rotating_keys_requires_the_database_and_the_keys_and_shows_neither() {
    let place = Place::new("rotate");
    let (output, said) = place.run(&["rotate-keys"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("DATABASE_URL"), "{said}");
    let vars = [("DATABASE_URL", "postgres://canary@localhost/x"), ("TOKEN_ENCRYPTION_KEYS", "k1:canary")];
    let (output, said) = place.run(&["rotate-keys"], &vars);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("TOKEN_ENCRYPTION_KEYS") && !said.contains("canary"), "{said}");
}
