//! The program under test: `social-server`, built if cargo is available.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::SoakError;

/// Returns the path of `social-server`, beside this program. Under `cargo run` it is built first, so that the
/// test runs the current sources.
pub(crate) fn find() -> Result<PathBuf, SoakError> {
    let own = env::current_exe().map_err(SoakError::io("find this program"))?;
    let server = own.with_file_name(format!("social-server{}", env::consts::EXE_SUFFIX));
    if let Some(cargo) = env::var_os("CARGO") {
        build(Path::new(&cargo), &own)?;
    }
    if server.is_file() { Ok(server) } else { Err(SoakError::NoServer(server)) }
}

/// Not `--package`: with `--bin`, cargo builds it with the same features and crates as the tests.
fn build(cargo: &Path, own: &Path) -> Result<(), SoakError> {
    let mut build = Command::new(cargo);
    build.args(["build", "--locked", "--quiet", "--bin", "social-server"]);
    if own.parent().is_some_and(|folder| folder.ends_with("release")) {
        build.arg("--release");
    }
    // The variables that `cargo run` sets for us must not reach the build scripts: ring's would run again.
    for (name, _) in env::vars_os() {
        if ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|ours| name.to_string_lossy().starts_with(ours)) {
            build.env_remove(name);
        }
    }
    build.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let status = build.status().map_err(SoakError::io("run cargo"))?;
    if status.success() { Ok(()) } else { Err(SoakError::Build) }
}

/// Brings the schema up to date, as an operator does.
pub(crate) fn migrate(server: &Path, database: &str) -> Result<(), SoakError> {
    let mut migrate = Command::new(server);
    migrate.arg("migrate").env("DATABASE_URL", database).stdout(std::process::Stdio::null());
    let status = migrate.status().map_err(SoakError::io("run social-server"))?;
    if status.success() { Ok(()) } else { Err(SoakError::Migrate) }
}
