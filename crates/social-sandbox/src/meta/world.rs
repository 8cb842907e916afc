//! The state that both platforms share: the videos being received.

use super::intake::Intake;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Both platforms' videos, whose ids are one set.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct World {
    /// By the container's or the video's id.
    pub(crate) intakes: HashMap<String, Intake>,
}
