//! `GET /metrics` of `serve`.

use std::io::BufReader;
use std::process::Stdio;

use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::doctor::VARS;
use crate::place::{Place, Running};
use crate::serving;

const TOKEN: &str = "the-token-of-all-scrapes";

#[test]
fn metrics_exist_only_with_a_token_and_only_for_who_knows_it() {
    let place = Place::new("metrics");
    let server = private_postgres::shared_for_tests("metrics", |_| Ok(())).unwrap();
    let admin = |statement: &'static str| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            PgConnection::connect(&server.url("postgres")).await.unwrap().execute(statement).await.unwrap();
        });
    };
    admin("create database metrics");
    let url = server.url("metrics");
    let vars = [&VARS[..], &[("DATABASE_URL", url.as_str())]].concat();
    assert!(place.run(&["migrate"], &vars).0.status.success());
    let start = |more: &[(&str, &str)]| {
        let mut command = place.command();
        command.arg("serve").envs(vars.iter().copied()).envs(more.iter().copied());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let port = serving(&mut lines);
        // Read on, so that the process never waits for its log to be read.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Running::of(child, port)
    };
    let bearer = |token: &str| format!("authorization: Bearer {token}\r\n");
    assert_eq!(start(&[]).get("/metrics", &bearer("")).0, 404);

    let (output, said) = place.run(&["serve"], &[&vars[..], &[("METRICS_TOKEN", "canary")]].concat());
    assert!(output.status.code() == Some(1) && said.contains("METRICS_TOKEN"), "{said}");
    assert!(!said.contains("canary"), "{said}");

    let running = start(&[("METRICS_TOKEN", TOKEN)]);
    for wrong in ["", "another-token-of-a-scrape", &TOKEN[1..]] {
        assert_eq!(running.get("/metrics", &bearer(wrong)).0, 401, "{wrong}");
    }
    let (status, shown) = running.get("/metrics", &bearer(TOKEN));
    assert_eq!(status, 200, "{shown}");
    for line in [
        "social_database_up 1",
        "social_oldest_due_seconds 0",
        "social_results_in_doubt 0",
        "social_results_held{reason=\"rate_limit\"} 0",
        "social_results_held{reason=\"quota\"} 0",
        "social_cold_starts_total 1",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} in {shown}");
    }
    assert!(!shown.contains(TOKEN), "{shown}");
    drop(running);
    admin("drop database metrics with (force)");
}
