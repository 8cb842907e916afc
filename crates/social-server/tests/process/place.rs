//! A folder to start the program in, and the running program.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_social-server");

/// A folder to start in, removed at the end.
pub(crate) struct Place(pub(crate) PathBuf);

impl Place {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Returns a command without the variables of the test run, on any free port, so that tests run in
    /// parallel.
    pub(crate) fn command(&self) -> Command {
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

    pub(crate) fn run(&self, words: &[&str], vars: &[(&str, &str)]) -> (Output, String) {
        let output = self.command().args(words).envs(vars.iter().copied()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output, said)
    }

    pub(crate) fn start(&self) -> Running {
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

    pub(crate) fn postmaster(&self) -> u32 {
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
pub(crate) struct Running {
    pub(crate) child: Child,
    _lines: Option<BufReader<ChildStdout>>,
    pub(crate) port: u16,
}

impl Running {
    /// Takes a process that serves on a port.
    pub(crate) fn of(child: Child, port: u16) -> Self {
        Self { child, _lines: None, port }
    }

    pub(crate) fn get(&self, path: &str, headers: &str) -> (u16, String) {
        self.send("GET", path, headers)
    }

    /// Sends a request without a body.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let host = if headers.contains("host:") { String::new() } else { "host: localhost\r\n".to_owned() };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\n{host}{headers}content-length: 0\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let status = reply.split(' ').nth(1).unwrap().parse().unwrap();
        let body = reply.split_once("\r\n\r\n").unwrap().1.to_owned();
        (status, body)
    }

    pub(crate) fn session(&self) -> serde_json::Value {
        let (status, body) = self.get("/local/session", "");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Returns an authorization header for the demo user.
    pub(crate) fn signed_in(&self) -> String {
        format!("authorization: Bearer {}\r\n", self.session()["token"].as_str().unwrap())
    }

    /// Ends the private Postgres, and waits until the process notices.
    pub(crate) fn stop_postgres(&self, place: &Place) {
        let postmaster = place.postmaster().to_string();
        assert!(Command::new("kill").args(["-QUIT", &postmaster]).status().unwrap().success());
        while self.get("/readyz", "").0 == 200 {
            std::thread::yield_now();
        }
    }

    pub(crate) fn signal(&self, name: &str) {
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
