//! What a simulated platform is to the sandbox.

use crate::sandbox::Sandbox;
use axum::Router;

/// A fault with a button: its label, and the form it sends.
pub(crate) type Button = (&'static str, &'static [(&'static str, &'static str)]);

/// What is constant at a simulated platform.
pub(crate) struct About {
    /// The platform's name in paths and faults.
    pub(crate) name: &'static str,
    /// Its name for people.
    pub(crate) label: &'static str,
    /// What is simulated of it.
    pub(crate) parts: &'static str,
    /// The endpoint names of faults.
    pub(crate) endpoints: &'static [&'static str],
    /// The faults with a button.
    pub(crate) buttons: &'static [Button],
}

/// A simulated platform.
pub(crate) trait Simulator: Sync {
    /// Returns what is constant.
    fn about(&self) -> &'static About;

    /// Returns its routes, below `/<name>`.
    fn routes(&self, sandbox: &Sandbox) -> Router;

    /// Returns its control endpoints, below `/control/<name>`.
    fn controls(&self) -> Router<Sandbox>;

    /// Returns its part of the index page, as HTML.
    fn overview(&self, sandbox: &Sandbox) -> String;

    /// Lets the first check find a video processed.
    fn skip_processing(&self, sandbox: &Sandbox);

    /// Ends what the new time ends.
    fn settle(&self, _sandbox: &Sandbox) {}

    /// Resumes the downloads that an earlier sandbox did not finish.
    fn resume(&self, _sandbox: &Sandbox) {}
}
