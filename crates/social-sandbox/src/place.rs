//! Where a call arrives: the endpoint and the account.

/// A platform's endpoint for one call.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) platform: &'static str,
    /// All endpoint names of the call: an upload's last chunk is `upload` and `upload_last`.
    pub(crate) names: Vec<&'static str>,
    pub(crate) account: Option<Who>,
}

/// The account of a call, if it is known before the call is checked.
#[derive(Debug, Clone)]
pub(crate) struct Who {
    pub(crate) id: String,
    pub(crate) username: String,
}

impl Who {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.id == name || self.username == name.trim_start_matches('@')
    }
}
