//! What a person agrees to before something is sent in their name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;

/// What a person agreed to before a result was sent, as the product showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Consent {
    /// When they agreed.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The words that they agreed to.
    #[schema(max_length = 500)]
    pub wording: String,
}
