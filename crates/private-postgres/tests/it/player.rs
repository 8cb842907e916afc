//! The other processes: this binary again, with a role from its environment.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use private_postgres::{Address, DATABASE, durable, shared_for_tests};

pub(crate) const ROLE: &str = "PRIVATE_POSTGRES_ROLE";
/// The name of the test that only plays a role.
const PLAYER: &str = "player::a_child_plays_its_role";
const ARGUMENT: &str = "PRIVATE_POSTGRES_ARGUMENT";

/// Checks until it is so, for a minute at most.
pub(crate) fn eventually(what: &str, mut look: impl FnMut() -> bool) {
    for _ in 0..6000 {
        if look() {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("never happened: {what}");
}

/// A directory for one test, removed at its end.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("private-postgres-it-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(fs::canonicalize(path).unwrap())
    }

    /// Returns the one `postgres-<major>` in it.
    pub(crate) fn home(&self) -> PathBuf {
        fs::read_dir(&self.0).unwrap().next().unwrap().unwrap().path()
    }

    pub(crate) fn postmaster(&self) -> u32 {
        let text = fs::read_to_string(self.home().join("data/postmaster.pid")).unwrap();
        text.lines().next().unwrap().parse().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs a statement with the `psql` on the path.
pub(crate) fn sql(url: &str, statement: &str) -> Result<String, String> {
    let output = Command::new("psql").args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement, url]).output();
    let Output { status, stdout, stderr } = output.unwrap();
    if status.success() {
        Ok(String::from_utf8(stdout).unwrap().trim().to_owned())
    } else {
        Err(String::from_utf8(stderr).unwrap())
    }
}

/// Reports whether a process runs; a zombie does not.
pub(crate) fn alive(process: u32) -> bool {
    let output = Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]).output();
    let state = String::from_utf8(output.unwrap().stdout).unwrap();
    !state.trim().is_empty() && !state.starts_with('Z')
}

/// Returns this binary with a role.
fn player(role: &str, argument: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", PLAYER, "--nocapture", "--test-threads", "1"]);
    command.env(ROLE, role).env(ARGUMENT, argument).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// Another process that uses a durable server until its stdin ends.
pub(crate) struct User {
    child: Child,
    stdin: Option<ChildStdin>,
    _stdout: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl User {
    pub(crate) fn start(root: &Path) -> Self {
        let mut child = player("durable", root).spawn().unwrap();
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let url = url_in(&mut stdout);
        Self { child, stdin, _stdout: stdout, url }
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn leave(mut self) {
        self.stdin = None;
        assert!(self.child.wait().unwrap().success());
    }
}

pub(crate) fn url_in(output: &mut impl BufRead) -> String {
    let mut said = String::new();
    loop {
        let mut line = String::new();
        let ended = output.read_line(&mut line).unwrap() == 0 || line == "END\n";
        assert!(!ended, "no URL in {said}");
        if let Some((_, url)) = line.split_once("url=") {
            return url.trim().to_owned();
        }
        said.push_str(&line);
    }
}

/// The other process of the tests below; alone it does nothing.
#[test]
fn a_child_plays_its_role() {
    let Some(role) = env::var_os(ROLE) else { return };
    let argument = PathBuf::from(env::var_os(ARGUMENT).unwrap());
    let mut rest = Vec::new();
    match role.to_str().unwrap() {
        "durable" => {
            let server = durable(&argument).unwrap();
            println!("url={}", server.url(DATABASE));
            std::io::stdin().read_to_end(&mut rest).unwrap();
            drop(server);
        }
        "shared" => {
            let addresses =
                on_threads(8, move || shared_for_tests("key", |at| prepare(at, &argument)).unwrap());
            assert!(addresses.iter().all(|address| address == &addresses[0]));
            println!("url={}", addresses[0].url("template"));
        }
        "dies preparing" => {
            let _ = shared_for_tests("key", |_| std::process::abort());
        }
        other => panic!("no such role: {other}"),
    }
}

/// Creates a database, and records that it ran.
fn prepare(address: &Address, log: &Path) -> Result<(), String> {
    let mut log =
        fs::File::options().append(true).create(true).open(log).map_err(|error| error.to_string())?;
    writeln!(log, "prepared").map_err(|error| error.to_string())?;
    sql(&address.url("postgres"), "create database template").map(|_| ())
}

pub(crate) fn on_threads<T: Send + 'static>(
    count: usize,
    run: impl Fn() -> T + Send + Sync + 'static,
) -> Vec<T> {
    let run = Arc::new(run);
    let spawn = |_| {
        let run = Arc::clone(&run);
        thread::spawn(move || run())
    };
    let threads: Vec<_> = (0..count).map(spawn).collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

impl Scratch {
    /// Starts an unrelated process as the server's user, and returns a `postmaster.pid` that names it.
    pub(crate) fn stranger(&self, ready: &str) -> (Child, String) {
        let owner = fs::metadata(self.home()).unwrap();
        let mut command = Command::new("sleep");
        command.arg("600");
        if fs::metadata(&self.0).unwrap().uid() == 0 {
            command.uid(owner.uid()).gid(owner.gid());
        }
        let stranger = command.spawn().unwrap();
        let mut lines: Vec<String> = ready.lines().map(str::to_owned).collect();
        lines[0] = stranger.id().to_string();
        (stranger, lines.join("\n") + "\n")
    }
}

/// Runs players in sequence and in parallel under one parent, as cargo and nextest do.
pub(crate) fn run_of(players: &str, role: &str, log: &Path) -> (Child, BufReader<ChildStdout>) {
    let exe = env::current_exe().unwrap();
    // No function: its background copy would be a parent of its own. `END` stops a test that waits for more.
    let script = players.replace("run", &format!("\"$0\" --exact {PLAYER} --nocapture"));
    let script = format!("{script}\necho END\nread -r end");
    let mut run = Command::new("sh");
    run.args(["-c", &script]).arg(exe).env(ROLE, role).env(ARGUMENT, log);
    let mut run = run.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let stdout = BufReader::new(run.stdout.take().unwrap());
    (run, stdout)
}
