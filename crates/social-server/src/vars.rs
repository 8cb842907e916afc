//! The variables of this process, from all sources.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::io;
use std::path::Path;

use crate::error::ServerError;

/// Netlify's `netlify dev` uses port 8888 too.
const PORT: u16 = 8888;

/// Named values in four layers: values set by the program, the environment, `.env`, and defaults. An empty
/// value counts as missing, so a copied `.env.example` changes nothing.
#[derive(Default)]
pub(crate) struct Vars {
    decided: HashMap<&'static str, String>,
    file: HashMap<String, String>,
    assumed: HashMap<&'static str, String>,
}

impl Vars {
    /// Returns the environment alone.
    pub(crate) fn of_environment() -> Self {
        Self::default()
    }

    /// Returns the environment, and below it the file, if there is one.
    pub(crate) fn with_file(path: &Path) -> Result<Self, ServerError> {
        Ok(Self { file: read(path)?, ..Self::default() })
    }

    /// Returns the value of a variable.
    pub(crate) fn find(&self, name: &str) -> Option<String> {
        let environment = || environment(name);
        let decided = self.decided.get(name).cloned();
        let file = || self.file.get(name).cloned();
        let assumed = || self.assumed.get(name).cloned();
        let filled = |value: &String| !value.trim().is_empty();
        decided
            .or_else(|| environment().filter(filled))
            .or_else(|| file().filter(filled))
            .or_else(|| assumed().filter(filled))
    }

    /// Reports whether it is set.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Sets a value that takes precedence over all others.
    pub(crate) fn decide(&mut self, name: &'static str, value: impl Into<String>) {
        self.decided.insert(name, value.into());
    }

    /// Sets a default.
    pub(crate) fn assume(&mut self, name: &'static str, value: impl Into<String>) {
        self.assumed.insert(name, value.into());
    }

    /// Returns the port to listen on.
    pub(crate) fn port(&self) -> Result<u16, ServerError> {
        self.find("PORT").map_or(Ok(PORT), |text| text.trim().parse().map_err(|_| ServerError::Port))
    }
}

/// Reads a file of `NAME=value` lines; a missing file has none.
pub(crate) fn read(path: &Path) -> Result<HashMap<String, String>, ServerError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(source) => return Err(ServerError::File { doing: "read", path: path.to_owned(), source }),
    };
    let mut last = None;
    let mut vars = HashMap::new();
    for entry in dotenvy::Iter::new(text.as_slice()) {
        // The error quotes the line, which may hold a secret.
        let Ok((name, value)) = entry else {
            let place = last.map_or_else(String::new, |name| format!(", after {name}"));
            return Err(ServerError::EnvFile { file: path.to_owned(), place });
        };
        last = Some(name.clone());
        // As in every .env reader, the first of two lines with the same name counts.
        vars.entry(name).or_insert(value);
    }
    Ok(vars)
}

#[expect(clippy::disallowed_methods, reason = "the closure that main gives the configuration ends here")]
fn environment(name: &str) -> Option<String> {
    env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decided_comes_before_what_is_assumed() {
        let mut vars = Vars::of_environment();
        vars.assume("SOCIAL_SERVER_TEST", "assumed");
        assert_eq!(vars.find("SOCIAL_SERVER_TEST").as_deref(), Some("assumed"));
        vars.file.insert("SOCIAL_SERVER_TEST".to_owned(), "  ".to_owned());
        assert_eq!(vars.find("SOCIAL_SERVER_TEST").as_deref(), Some("assumed"));
        vars.file.insert("SOCIAL_SERVER_TEST".to_owned(), "file".to_owned());
        assert_eq!(vars.find("SOCIAL_SERVER_TEST").as_deref(), Some("file"));
        vars.decide("SOCIAL_SERVER_TEST", "decided");
        assert_eq!(vars.find("SOCIAL_SERVER_TEST").as_deref(), Some("decided"));
    }
}
