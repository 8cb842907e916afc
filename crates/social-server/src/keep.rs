//! Creates missing secrets once and stores them, so that encrypted and signed values stay readable after a
//! restart.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use social_core::entropy::{self, SystemEntropy};

use crate::error::ServerError;
use crate::vars::{self, Vars};

/// The file in the data folder.
const FILE: &str = "local.env";

/// The sandbox's own client secret, shared only by the simulators and the functions.
pub(crate) const SANDBOX_SECRET: &str = "SANDBOX_TIKTOK_CLIENT_SECRET";

/// Creates the data folder, and sets every missing secret to its value from the first start.
pub(crate) fn secrets(data: &Path, vars: &mut Vars) -> Result<(), ServerError> {
    fs::create_dir_all(data).map_err(trouble("create", data))?;
    let path = data.join(FILE);
    let mut file = open(&path)?;
    // Two first starts at the same time must agree on one key.
    file.lock().map_err(trouble("lock", &path))?;
    let kept = vars::read(&path)?;
    // A product that signs elsewhere needs no secret here.
    let signs_here = !vars.has("AUTH_JWKS_URL");
    let mut made = String::new();
    for name in [KEYS, JWT, "WORKER_SECRET", SANDBOX_SECRET] {
        let value = kept.get(name).cloned().unwrap_or_else(|| {
            let value = make(name);
            // Writing to a String cannot fail.
            let _ = writeln!(made, "{name}={value}");
            value
        });
        if name != JWT || signs_here {
            vars.assume(name, value);
        }
    }
    file.write_all(made.as_bytes()).and_then(|()| file.sync_all()).map_err(trouble("write to", &path))?;
    Ok(())
}

const KEYS: &str = "TOKEN_ENCRYPTION_KEYS";
const JWT: &str = "AUTH_JWT_SECRET";

fn make(name: &str) -> String {
    match name {
        KEYS => format!("local:{}", STANDARD.encode(entropy::bytes::<32>(&SystemEntropy))),
        _ => entropy::url_token(&SystemEntropy),
    }
}

/// Opens the file for its owner alone.
fn open(path: &Path) -> Result<File, ServerError> {
    let mut options = OpenOptions::new();
    options.create(true).read(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(trouble("open", path))
}

fn trouble(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> ServerError {
    let path = PathBuf::from(path);
    move |source| ServerError::File { doing, path, source }
}
