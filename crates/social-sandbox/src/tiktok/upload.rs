//! An upload URL.

use super::limits::Limits;
use crate::clock::SECOND;
use crate::random;
use crate::receiver::Taken;
use serde::{Deserialize, Serialize};

/// An upload URL's state.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(super) token: String,
    /// Bytes of whole chunks.
    pub(super) committed: u64,
    pub(super) expires_at: i64,
    pub(super) taken: Taken,
    /// Which PUT may write: the latest one.
    #[serde(skip)]
    pub(super) request: u64,
}

impl Upload {
    pub(super) fn new(now: i64, limits: &Limits) -> Self {
        let lifetime = i64::from(limits.upload_url_seconds) * SECOND;
        Self {
            token: random::text(43),
            committed: 0,
            expires_at: now.saturating_add(lifetime),
            taken: Taken::default(),
            request: 0,
        }
    }
}
