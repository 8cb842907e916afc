//! The settings of one platform.

use std::collections::HashMap;

use url::Url;

use crate::secret::ClientSecret;

/// The variables one platform reads.
#[derive(Debug, Clone, Copy)]
pub struct PlatformVars {
    /// The platform's id, as in `PlatformId`.
    pub platform: &'static str,
    /// The variable with the client's public name (`TIKTOK_CLIENT_KEY`).
    pub client_id: &'static str,
    /// The variable with the client's secret.
    pub client_secret: &'static str,
    /// The variable with the registered redirect URI.
    pub redirect_uri: &'static str,
    /// The function at the redirect URI if none is set.
    pub callback: &'static str,
    /// Base URLs with the platform's real ones as defaults.
    pub urls: &'static [(&'static str, &'static str)],
    /// Comma-separated lists, empty by default.
    pub lists: &'static [&'static str],
    /// Single words with their defaults, such as an API's version. A path may name one:
    /// `/{META_GRAPH_VERSION}/me`.
    pub words: &'static [(&'static str, &'static str)],
    /// The variable that says whether the platform has audited the app, if an audit changes what may be posted.
    pub audited: Option<&'static str>,
}

/// The settings of one platform.
#[derive(Debug, Clone)]
pub struct PlatformSettings {
    /// The client's public name at the platform.
    pub client_id: String,
    /// The client's secret at the platform.
    pub client_secret: ClientSecret,
    /// The registered redirect URI, sent byte for byte the same in both calls (RFC 6749 §4.1.3).
    pub redirect_uri: String,
    /// Whether the platform has audited the app; `None`: the operator has not said.
    pub audited: Option<bool>,
    pub(super) urls: HashMap<&'static str, String>,
    pub(super) lists: HashMap<&'static str, Vec<String>>,
    pub(super) words: HashMap<&'static str, String>,
}

impl PlatformSettings {
    /// Returns the URL of `path` under the base URL that `var` names. It fills in the words that the path
    /// names in braces.
    ///
    /// # Panics
    /// If the platform's own [`PlatformVars`] does not list `var`: a mistake that its first test shows.
    #[must_use]
    #[expect(clippy::expect_used, reason = "both the names and the paths are constants of one file")]
    pub fn url(&self, var: &'static str, path: &str) -> Url {
        let base = self.urls.get(var).expect("the platform lists the variable");
        let path = self
            .words
            .iter()
            .fold(path.to_owned(), |path, (name, word)| path.replace(&format!("{{{name}}}"), word));
        Url::parse(&format!("{base}{path}")).expect("a base that was checked, and a constant path")
    }

    /// Returns the word in `var`; empty if the platform does not list it.
    #[must_use]
    pub fn word(&self, var: &'static str) -> &str {
        self.words.get(var).map_or("", String::as_str)
    }

    /// Returns the list in `var`; empty if it is not set.
    #[must_use]
    pub fn list(&self, var: &'static str) -> &[String] {
        self.lists.get(var).map_or(&[], Vec::as_slice)
    }
}
