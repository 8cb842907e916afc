//! The built binary, started as a person or a container starts it.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test panics where it finds something wrong, also in its helpers"
)]

mod commands;
mod doctor;
mod metrics;
#[cfg(feature = "otel")]
mod otel;
mod place;
mod support;

use std::fs;
use std::io::BufReader;
use std::process::{Command, Stdio};

use sqlx::{Connection as _, Executor as _};

use crate::place::{Place, Running};

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
    running.stop_postgres(&place);
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
pub(crate) fn serving(lines: &mut impl std::io::BufRead) -> u16 {
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
    let mut running = Running::of(child, port);
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
