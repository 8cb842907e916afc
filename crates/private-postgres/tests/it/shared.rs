//! The temporary server of a test run.

use std::fs;
use std::path::PathBuf;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use private_postgres::{Address, shared_for_tests};

use crate::player::{ROLE, Scratch, eventually, on_threads, run_of, sql, url_in};

fn shared_home(run: &Child) -> Option<PathBuf> {
    let suffix = format!("-{}", run.id());
    ["/dev/shm", "/tmp"]
        .iter()
        .flat_map(|scratch| fs::read_dir(scratch).into_iter().flatten().flatten())
        .find_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            (name.starts_with("private-postgres-") && name.ends_with(&suffix)).then(|| entry.path())
        })
}

#[test]
fn a_test_run_prepares_once_and_leaves_nothing() {
    let scratch = Scratch::new();
    let log = scratch.0.join("log");
    let (mut run, mut output) = run_of("run & run & run & wait; run", "shared", &log);
    let urls: Vec<String> = (0..4).map(|_| url_in(&mut output)).collect();
    assert!(urls.iter().all(|url| url == &urls[0]));
    assert_eq!(sql(&urls[0], "select count(*) from pg_class where false").unwrap(), "0");
    assert_eq!(fs::read_to_string(&log).unwrap(), "prepared\n");

    assert!(shared_home(&run).is_some());
    // Killed, not ended, and not yet waited for: a zombie counts as gone, too.
    run.kill().unwrap();
    eventually("the server and its directory are gone", || shared_home(&run).is_none());
    run.wait().unwrap();
    assert!(sql(&urls[0], "select 1").is_err());
}

#[test]
fn a_run_that_died_preparing_does_not_spoil_the_next() {
    let scratch = Scratch::new();
    let log = scratch.0.join("log");
    let players = format!("{ROLE}='dies preparing' run >&2; run");
    let (mut run, mut output) = run_of(&players, "shared", &log);
    url_in(&mut output);
    assert_eq!(fs::read_to_string(&log).unwrap(), "prepared\n");
    drop(run.stdin.take());
    run.wait().unwrap();
    eventually("the directory is gone", || shared_home(&run).is_none());
}

#[test]
fn a_failed_preparation_is_reported_to_every_caller_and_runs_once() {
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let messages = on_threads(4, move || {
        let failing = |_: &Address| {
            counted.fetch_add(1, Ordering::Relaxed);
            Err(String::from("no such migration"))
        };
        shared_for_tests("failing", failing).unwrap_err().to_string()
    });
    assert!(messages.iter().all(|message| message.contains("no such migration")), "{messages:?}");
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}
