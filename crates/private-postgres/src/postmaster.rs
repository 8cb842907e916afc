//! The postmaster of a data directory, as named in its `postmaster.pid`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Error;
use crate::user::ServerUser;

/// Makes sure that no `postmaster.pid` prevents our server from starting.
///
/// Postgres refuses to start while the process of that number is alive. After a crash in a container, another
/// process soon has the number. Call this with the lock held, so that no server of ours is running.
pub(crate) fn forget_stale(data: &Path) -> Result<(), Error> {
    let Some(process) = named_by(data) else { return Ok(()) };
    match command_line(process) {
        // PostgreSQL itself cleans up after a postmaster that has ended.
        None => Ok(()),
        Some(line) if serves(process, &line, data) => {
            let holder = format!("a PostgreSQL we did not start (process {process})");
            Err(Error::Busy { path: data.to_owned(), holder })
        }
        Some(_) => {
            let file = data.join("postmaster.pid");
            fs::remove_file(&file).map_err(Error::io("remove the stale", &file))
        }
    }
}

/// Asks the postmaster to disconnect all clients and stop. The caller repeats a lost signal.
pub(crate) fn interrupt(data: &Path, user: ServerUser) {
    let Some(process) = named_by(data) else { return };
    if command_line(process).is_some_and(|line| serves(process, &line, data)) {
        // As the server's user, so that even root cannot signal an unrelated process.
        let _ =
            user.command("/bin/sh").args(["-c", "kill -INT \"$1\"", "kill", &process.to_string()]).status();
    }
}

/// Reports whether a process runs; a zombie, which has no command line, does not.
pub(crate) fn runs(process: u32) -> bool {
    command_line(process).is_some_and(|line| !line.is_empty())
}

fn named_by(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
}

fn serves(process: u32, line: &str, data: &Path) -> bool {
    let at_home = fs::read_link(format!("/proc/{process}/cwd")).is_ok_and(|directory| directory == data);
    line.contains("postgres") && (at_home || line.contains(&*data.to_string_lossy()))
}

/// Returns the command line of a process; `None` if there is none.
fn command_line(process: u32) -> Option<String> {
    if Path::new("/proc/self/cmdline").exists() {
        let line = fs::read(format!("/proc/{process}/cmdline")).ok()?;
        return Some(String::from_utf8_lossy(&line).replace('\0', " "));
    }
    let output = Command::new("ps")
        .args(["-o", "args=", "-p", &process.to_string()])
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
