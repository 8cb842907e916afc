//! The whole state of the sandbox.

use crate::clock::Clock;
use crate::fault::Faults;
use crate::{facebook, instagram, meta, tiktok, youtube};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The whole state of the sandbox.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    /// How often each endpoint was called, by `platform/endpoint`.
    pub(crate) calls: BTreeMap<String, u64>,
    pub(crate) tiktok: tiktok::World,
    #[serde(default)]
    pub(crate) youtube: youtube::World,
    #[serde(default)]
    pub(crate) meta: meta::World,
    #[serde(default)]
    pub(crate) instagram: instagram::World,
    #[serde(default)]
    pub(crate) facebook: facebook::World,
}
