//! A program to measure: a build of ours, or a script for Node.

use std::path::PathBuf;
use std::process::Command;

/// Who is asked.
pub(crate) struct Program {
    /// What it is called in the table.
    pub(crate) name: String,
    /// A binary, or a script for Node.
    pub(crate) path: PathBuf,
}

impl Program {
    pub(crate) fn is_script(&self) -> bool {
        self.path.extension().is_some_and(|extension| extension == "mjs")
    }

    /// The command that starts it.
    pub(crate) fn command(&self) -> Command {
        if !self.is_script() {
            return Command::new(&self.path);
        }
        let mut command = Command::new("node");
        command.arg(&self.path);
        command
    }
}
