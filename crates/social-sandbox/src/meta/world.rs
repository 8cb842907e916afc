//! What both platforms remember in one place: the videos on their way in.

use super::intake::Intake;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Both platforms' videos, whose ids are one set.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct World {
    /// By the container's or the video's id.
    pub(crate) intakes: HashMap<String, Intake>,
}
