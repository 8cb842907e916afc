//! The server of local mode.

use std::fs;
use std::process::Command;

use private_postgres::{DATABASE, Server, durable};

use crate::player::{Scratch, User, alive, eventually, on_threads, sql};

fn note(server: &Server, text: &str) {
    let statement =
        format!("create table if not exists notes (text text); insert into notes values ('{text}')");
    sql(&server.url(DATABASE), &statement).unwrap();
}

const NOTES: &str = "select string_agg(text, ' ' order by text) from notes";

#[test]
fn data_outlives_a_restart_and_the_server_does_not_outlive_its_user() {
    let scratch = Scratch::new();
    let server = durable(&scratch.0).unwrap();
    note(&server, "kept");
    assert_eq!(sql(&server.url(DATABASE), "show fsync").unwrap(), "on");
    assert_eq!(sql(&server.url(DATABASE), "show listen_addresses").unwrap(), "");
    let postmaster = scratch.postmaster();
    drop(server);
    assert!(!alive(postmaster));

    let server = durable(&scratch.0).unwrap();
    assert_eq!(sql(&server.url(DATABASE), NOTES).unwrap(), "kept");
}

#[test]
fn a_killed_owner_takes_the_server_along_and_never_blocks_the_next() {
    let scratch = Scratch::new();
    for round in 0..5 {
        let user = User::start(&scratch.0);
        let statement =
            format!("create table if not exists notes (text text); insert into notes values ({round})");
        sql(&user.url, &statement).unwrap();
        user.kill();
    }
    let server = durable(&scratch.0).unwrap();
    assert_eq!(sql(&server.url(DATABASE), NOTES).unwrap(), "0 1 2 3 4");
    drop(server);

    let user = User::start(&scratch.0);
    let postmaster = scratch.postmaster();
    user.kill();
    eventually("the server is gone", || !alive(postmaster));
}

#[test]
fn a_second_process_joins_and_keeps_the_server_when_the_first_is_killed() {
    let scratch = Scratch::new();
    let first = User::start(&scratch.0);
    let postmaster = scratch.postmaster();
    let second = User::start(&scratch.0);
    let third = durable(&scratch.0).unwrap();
    assert_eq!((&second.url, &third.url(DATABASE)), (&first.url, &first.url));

    first.kill();
    note(&third, "still here");
    second.leave();
    note(&third, "still here");
    assert_eq!(scratch.postmaster(), postmaster);
    drop(third);
    assert!(!alive(postmaster));
}

#[test]
fn many_processes_at_once_share_one_server() {
    let scratch = Scratch::new();
    let root = scratch.0.clone();
    let users = on_threads(6, move || User::start(&root));
    let postmaster = scratch.postmaster();
    assert!(users.iter().all(|user| user.url == users[0].url));
    users.into_iter().for_each(User::leave);
    eventually("the server is gone", || !alive(postmaster));
}

#[test]
fn a_stale_postmaster_pid_does_not_block() {
    let scratch = Scratch::new();
    let user = User::start(&scratch.0);
    let file = scratch.home().join("data/postmaster.pid");
    let ready = fs::read_to_string(&file).unwrap();
    user.leave();

    // After a crash in a container another process has the number: a shell of the server's user.
    let (mut stranger, pid_file) = scratch.stranger(&ready);
    fs::write(&file, pid_file).unwrap();
    let server = durable(&scratch.0).unwrap();
    note(&server, "started");
    drop(server);
    assert!(stranger.try_wait().unwrap().is_none(), "the stranger was hit");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[test]
fn everything_killed_at_once_recovers() {
    let scratch = Scratch::new();
    let user = User::start(&scratch.0);
    sql(&user.url, "create table notes (text text); insert into notes values ('kept')").unwrap();
    let group = {
        let output =
            Command::new("ps").args(["-o", "pgid=", "-p", &scratch.postmaster().to_string()]).output();
        String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned()
    };
    // The watching shell and the postmaster; the backends notice on their own.
    assert!(Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).status().unwrap().success());
    user.kill();
    let server = durable(&scratch.0).unwrap();
    assert_eq!(sql(&server.url(DATABASE), NOTES).unwrap(), "kept");
}

#[test]
fn a_server_without_a_watcher_is_replaced() {
    let scratch = Scratch::new();
    let user = User::start(&scratch.0);
    let postmaster = scratch.postmaster();
    let pattern = format!("watch users 0 {}", scratch.home().display());
    let shells = Command::new("pgrep").args(["-f", &pattern]).output();
    let shells = String::from_utf8(shells.unwrap().stdout).unwrap();
    assert_eq!(shells.lines().count(), 2, "{shells}");
    assert!(Command::new("kill").arg("-KILL").args(shells.lines()).status().unwrap().success());
    user.kill();
    assert!(alive(postmaster));
    let server = durable(&scratch.0).unwrap();
    note(&server, "fresh");
    assert!(!alive(postmaster));
}

#[test]
fn a_long_path_moves_the_socket() {
    let scratch = Scratch::new();
    let deep = scratch.0.join("x".repeat(60)).join("with space, and comma".repeat(2));
    let server = durable(&deep).unwrap();
    note(&server, "works");
    let moved = server.address().socket_directory().to_owned();
    assert!(moved.starts_with("/tmp"), "{}", moved.display());
    drop(server);
    fs::remove_dir_all(moved).unwrap();
}
