//! Reads variables and collects their errors.

use std::collections::HashMap;

use url::Url;

use super::mode::{Mode, is_loopback};
use super::platform::{PlatformSettings, PlatformVars};
use crate::secret::ClientSecret;

/// Reads variables and collects their errors.
pub(super) struct Reader<'a> {
    pub(super) mode: Mode,
    pub(super) var: &'a dyn Fn(&str) -> Option<String>,
    pub(super) problems: Vec<(&'static str, String)>,
}

impl Reader<'_> {
    pub(super) fn optional(&self, name: &'static str) -> Option<String> {
        (self.var)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    pub(super) fn required(&mut self, name: &'static str, remedy: &str) -> Option<String> {
        let value = self.optional(name);
        if value.is_none() {
            self.problem(name, format!("is not set; {remedy}"));
        }
        value
    }

    pub(super) fn problem(&mut self, name: &'static str, problem: impl Into<String>) {
        self.problems.push((name, problem.into()));
    }

    /// Returns a URL that may receive secrets: https, or http to loopback in local mode.
    pub(super) fn trusted_url(&mut self, name: &'static str, value: &str) -> Option<Url> {
        match Url::parse(value) {
            Ok(url) if url.scheme() == "https" => Some(url),
            Ok(url) if url.scheme() == "http" && self.mode == Mode::Local && is_loopback(&url) => Some(url),
            Ok(_) => {
                self.problem(name, "must be an https:// URL");
                None
            }
            Err(_) => {
                self.problem(name, "isn't a complete URL, such as https://app.example.com");
                None
            }
        }
    }

    /// Returns a URL of a Postgres.
    pub(super) fn database_url(&mut self, text: String) -> Option<String> {
        let is_one =
            Url::parse(text.trim()).is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql"));
        if !is_one {
            self.problem("DATABASE_URL", "cannot be read; set it to postgres://user:password@host/database");
        }
        is_one.then_some(text)
    }

    pub(super) fn number(&mut self, name: &'static str, default: u64, least: u64, most: u64) -> u64 {
        let Some(text) = self.optional(name) else { return default };
        match text.parse() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                self.problem(name, format!("must be a whole number from {least} to {most}"));
                default
            }
        }
    }

    /// Returns the items between commas; empty if the variable is not set.
    pub(super) fn list(&self, name: &'static str) -> Vec<String> {
        let text = self.optional(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// Returns `true` or `false`; `None` if the variable is not set.
    fn yes_or_no(&mut self, name: &'static str) -> Option<bool> {
        match self.optional(name)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.problem(name, "must be true, false or unset");
                None
            }
        }
    }

    pub(super) fn platform(&mut self, vars: &PlatformVars, app_url: &str) -> Option<PlatformSettings> {
        let (id, secret) = (self.optional(vars.client_id), self.optional(vars.client_secret));
        if id.is_none() && secret.is_none() {
            return None;
        }
        let together = format!("is required, because {} is enabled", vars.platform);
        if id.is_none() {
            self.problem(vars.client_id, together.clone());
        }
        if secret.is_none() {
            self.problem(vars.client_secret, together);
        }
        let redirect_uri = self.optional(vars.redirect_uri).unwrap_or_else(|| {
            format!("{}/.netlify/functions/{}", app_url.trim_end_matches('/'), vars.callback)
        });
        self.trusted_url(vars.redirect_uri, &redirect_uri);
        let mut urls = HashMap::new();
        for &(name, default) in vars.urls {
            let url = self.optional(name).unwrap_or_else(|| default.to_owned());
            self.trusted_url(name, &url);
            urls.insert(name, url.trim_end_matches('/').to_owned());
        }
        let mut lists = HashMap::new();
        for &name in vars.lists {
            let items = self.list(name);
            if name.ends_with("_URL_PREFIXES") {
                for item in &items {
                    self.trusted_url(name, item);
                    if !item.ends_with('/') {
                        self.problem(
                            name,
                            "must end each prefix with a slash, so that it doesn't match other hosts",
                        );
                    }
                }
            }
            lists.insert(name, items);
        }
        let mut words = HashMap::new();
        for &(name, default) in vars.words {
            let word = self.optional(name).unwrap_or_else(|| default.to_owned());
            let plain = word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
            if !plain || word.len() > 32 || !word.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                self.problem(
                    name,
                    format!("must be one word of letters, digits, dots and dashes, such as {default}"),
                );
            }
            words.insert(name, word);
        }
        let audited = vars.audited.and_then(|name| self.yes_or_no(name));
        Some(PlatformSettings {
            audited,
            client_id: id?,
            client_secret: ClientSecret::new(secret?),
            redirect_uri,
            urls,
            lists,
            words,
        })
    }

    /// HS256 requires a key as long as its hash (RFC 7518 §3.2). We accept 16 bytes and more.
    pub(super) fn long_enough(&mut self, name: &'static str, value: String) -> Option<String> {
        if value.len() < 16 {
            self.problem(name, "is too short to be a secret; create one with: openssl rand -hex 32");
            return None;
        }
        Some(value)
    }
}
