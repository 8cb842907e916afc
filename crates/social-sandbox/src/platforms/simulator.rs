//! What a simulated platform is to the sandbox.

use crate::sandbox::Sandbox;
use axum::Router;

/// A fault with a button: its label, and the form it sends.
pub(crate) type Button = (&'static str, &'static [(&'static str, &'static str)]);

/// A simulated platform.
pub(crate) struct Simulator {
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
    /// Returns its routes, below `/<name>`.
    pub(crate) routes: fn(&Sandbox) -> Router,
    /// Returns its control endpoints, below `/control/<name>`.
    pub(crate) controls: fn() -> Router<Sandbox>,
    /// Returns its part of the index page, as HTML.
    pub(crate) overview: fn(&Sandbox) -> String,
    /// Lets the first check find a video processed.
    pub(crate) skip_processing: fn(&Sandbox),
    /// Ends what the new time ends.
    pub(crate) settle: fn(&Sandbox),
    /// Resumes the downloads that an earlier sandbox did not finish.
    pub(crate) resume: fn(&Sandbox),
}

/// Does nothing, at a platform where there is nothing to do.
pub(crate) fn nothing(_: &Sandbox) {}
