//! What is known about a platform, as data.

use std::time::Duration;

use super::error::{ErrorRow, ErrorTable};
use super::profile::OAuthProfile;
use crate::config::PlatformVars;
use crate::model::PlatformId;
use crate::video::Limits;

/// How often an account may start to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The shortest time between two starts.
    pub spacing: Duration,
}

/// What is known about a platform.
#[derive(Debug)]
pub struct Facts {
    /// The platform's name.
    pub id: PlatformId,
    /// The variables it reads.
    pub vars: PlatformVars,
    /// Its OAuth.
    pub oauth: OAuthProfile,
    /// The limits of its formats.
    pub surfaces: &'static [Limits],
    /// How often an account may start to publish.
    pub pace: Pace,
    /// Every code in its documentation, of calls and of statuses.
    pub errors: &'static [ErrorTable],
    /// The option, true or false, that labels a video as AI-generated.
    pub ai_label: &'static str,
}

impl Facts {
    /// Returns every code with its disposition and sentence, some in more than one table.
    pub fn codes(&self) -> impl Iterator<Item = &'static ErrorRow> {
        self.errors.iter().copied().flatten()
    }
}
