//! Runs the commands that the pages show, top to bottom, as a newcomer would.
//!
//! Each page is one session of bash with `set -eu`, in an empty folder: `.data/` is fresh there, and no `.env` is
//! read. Only blocks marked `sh` are run, with these exceptions:
//!
//! - `sh vendor` needs an account at a vendor or a host, so it is skipped.
//! - A block that is exactly `cargo run` starts in the background; the next block waits until the server is healthy.
//! - `cargo test` and `./check` are skipped when they are a whole block: CI runs them, and this.

use std::io::{self, ErrorKind};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{fmt::Write as _, fs};

use crate::markdown::{Code, Page};

/// The pages whose commands are run.
const PAGES: &[&str] = &["README.md", "docs/tutorial-local.md"];
/// The port that the pages name.
const PORT: u16 = 8888;
/// How long the commands of one page may take, in seconds; a first build is part of it.
const LIMIT: Duration = Duration::from_mins(30);
/// How often a process that is still running is looked at.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits for the server that the last command started, and shows its output if it ends first.
const AWAIT_SERVER: &str = r#"until curl --silent --fail --output /dev/null http://localhost:8888/api/social-health; do
  kill -0 "$!" 2>/dev/null || { cat server.log >&2; echo 'the server did not start' >&2; exit 1; }
  sleep 0.2
done
"#;

/// The commands of a page were not run to their end.
#[derive(Debug, thiserror::Error)]
pub enum CommandsError {
    /// Another server has the port.
    #[error("port {PORT} is taken, and the pages name it: stop what listens there")]
    PortTaken,
    /// A file or process is out of reach.
    #[error("cannot {doing}: {source}")]
    Io {
        /// What was tried.
        doing: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A command failed.
    #[error("a command of {page} failed ({status}); the block before this line names its place")]
    Failed {
        /// The page.
        page: &'static str,
        /// How bash ended.
        status: ExitStatus,
    },
    /// The commands take too long.
    #[error("the commands of {0} did not end in time")]
    TooSlow(&'static str),
}

fn trouble(doing: impl Into<String>) -> impl FnOnce(io::Error) -> CommandsError {
    let doing = doing.into();
    move |source| CommandsError::Io { doing, source }
}

/// Runs the commands of every page, and returns how many blocks were run.
///
/// # Errors
///
/// Returns an error if the port is taken, a command fails or takes too long, or a page cannot be read.
pub fn run(root: &Path) -> Result<usize, CommandsError> {
    let mut count = 0;
    for page in PAGES {
        let source = fs::read_to_string(root.join(page)).map_err(trouble(format!("read {page}")))?;
        let blocks: Vec<Code> = Page::parse(&source).code.into_iter().filter(is_run).collect();
        if blocks.is_empty() {
            continue;
        }
        count += blocks.len();
        is_port_free()?;
        let folder = fresh_folder(root, page)?;
        run_page(page, &script(page, &blocks), &folder)?;
    }
    Ok(count)
}

/// Reports whether a block is run.
fn is_run(block: &Code) -> bool {
    block.info.trim() == "sh" && !["cargo test", "./check"].contains(&block.text.trim())
}

/// Fails if another process listens on the port, as a forgotten `cargo run` does.
fn is_port_free() -> Result<(), CommandsError> {
    match TcpListener::bind(("127.0.0.1", PORT)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(CommandsError::PortTaken),
        Err(source) => Err(CommandsError::Io { doing: format!("listen on port {PORT}"), source }),
    }
}

/// Creates an empty folder for a page. It stands inside the workspace, so that cargo finds that.
fn fresh_folder(root: &Path, page: &str) -> Result<PathBuf, CommandsError> {
    let folder = root.join("target/commands").join(page.replace('/', "-"));
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(trouble("empty the page's folder")(error)),
        _ => fs::create_dir_all(&folder).map_err(trouble("create the page's folder")),
    }?;
    Ok(folder)
}

/// Returns the script that runs the blocks of a page.
fn script(page: &str, blocks: &[Code]) -> String {
    let mut script = "set -eu\n".to_owned();
    for block in blocks {
        // Writing to a String cannot fail.
        let _ = writeln!(script, "printf '%s\\n' '-- {page}:{}' >&2", block.line);
        if block.text.trim() == "cargo run" {
            script.push_str("cargo run >server.log 2>&1 </dev/null &\n");
            script.push_str(AWAIT_SERVER);
        } else {
            script.push_str(&block.text);
        }
    }
    script
}

/// Runs a script in a process group of its own, and ends whatever of the group is left after it.
fn run_page(page: &'static str, script: &str, folder: &Path) -> Result<(), CommandsError> {
    let file = folder.join("commands.sh");
    fs::write(&file, script).map_err(trouble("write the script"))?;
    let mut bash = Command::new("bash");
    bash.arg(&file).current_dir(folder).process_group(0);
    // A newcomer has none of the variables that `cargo run` sets for us. With them, build scripts would run again.
    for (name, _) in std::env::vars_os() {
        if ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|ours| name.to_string_lossy().starts_with(ours)) {
            bash.env_remove(name);
        }
    }
    let mut bash = bash.spawn().map_err(trouble("start bash"))?;
    let group = bash.id();
    let started = Instant::now();
    let status = loop {
        match bash.try_wait().map_err(trouble("wait for bash"))? {
            Some(status) => break Some(status),
            None if started.elapsed() > LIMIT => break None,
            None => sleep(PAUSE),
        }
    };
    end_group(group)?;
    match status {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(CommandsError::Failed { page, status }),
        None => Err(CommandsError::TooSlow(page)),
    }
}

/// Stops the processes of a group, as the server, and waits until they have ended.
fn end_group(group: u32) -> Result<(), CommandsError> {
    let signal = |name: &str| {
        let mut kill = Command::new("bash");
        kill.args(["-c", "kill -s \"$0\" -- \"-$1\" 2>/dev/null", name, &group.to_string()]);
        kill.status().map(|status| status.success()).map_err(trouble("stop the server"))
    };
    let started = Instant::now();
    let mut name = "TERM";
    while signal(name)? {
        // Signal 0 asks only whether a process is left. A server that does not stop is killed.
        name = if started.elapsed() > Duration::from_secs(30) { "KILL" } else { "0" };
        sleep(PAUSE);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::{CommandsError, is_run, run_page, script};
    use crate::markdown::Page;

    const SOURCE: &str = "```sh\ncargo run\n```\n\n```sh vendor\naws x\n```\n\n```text\nout\n```\n\n```sh\ncargo test\n```\n\n```sh\nA=1\n```\n";

    #[test]
    fn only_the_blocks_that_need_nothing_else_are_run() {
        let blocks: Vec<_> = Page::parse(SOURCE).code.into_iter().filter(is_run).collect();
        let lines: Vec<usize> = blocks.iter().map(|block| block.line).collect();
        assert_eq!(lines, [1, 17]);
        let script = script("a.md", &blocks);
        assert!(script.contains("&\nuntil curl") && script.ends_with("-- a.md:17' >&2\nA=1\n"), "{script}");
    }

    #[test]
    fn a_command_that_fails_ends_the_page_and_what_it_started() {
        let folder = env::temp_dir().join(format!("commands-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let failed = run_page("a.md", "set -eu\nsleep 1000 &\necho $! >pid\nfalse\ntouch after\n", &folder);
        let pid = fs::read_to_string(folder.join("pid")).unwrap();
        let is_alive =
            process::Command::new("bash").args(["-c", "kill -0 \"$0\" 2>/dev/null", pid.trim()]).status();
        let went_on = folder.join("after").exists();
        fs::remove_dir_all(&folder).unwrap();
        assert!(matches!(failed, Err(CommandsError::Failed { page: "a.md", .. })), "{failed:?}");
        assert!(!is_alive.unwrap().success() && !went_on);
    }
}
