//! The postmaster behind a data directory, as its `postmaster.pid` names it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Error;
use crate::user::ServerUser;

/// Makes sure that no `postmaster.pid` keeps our server from starting.
///
/// Postgres refuses to start while the process of that number lives, and after a crash in a container the
/// number soon belongs to somebody else. Call it with the lock held, so that no server of ours is running.
pub(crate) fn forget_stale(data: &Path) -> Result<(), Error> {
    let Some(process) = named_by(data) else { return Ok(()) };
    match command_line(process) {
        // PostgreSQL itself looks after what a dead postmaster left.
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

/// Tells the postmaster to disconnect everybody and stop. A lost signal is the caller's to repeat.
pub(crate) fn interrupt(data: &Path, user: ServerUser) {
    let Some(process) = named_by(data) else { return };
    if command_line(process).is_some_and(|line| serves(process, &line, data)) {
        // As the server's user: not even root can hit a stranger by this.
        let _ =
            user.command("/bin/sh").args(["-c", "kill -INT \"$1\"", "kill", &process.to_string()]).status();
    }
}

/// Whether a process runs; a zombie, which has no command line, does not.
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

/// What a process was started with; `None` when there is none.
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
