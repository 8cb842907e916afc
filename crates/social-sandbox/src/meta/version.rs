//! The version a path begins with.

/// The versions that live in November 2026 (Graph API changelog): `v20.0` ended on 2026-09-24.
const LIVING: [&str; 6] = ["v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0"];

/// Whether the path's first segment is a version that lives.
pub(crate) fn known(version: &str) -> bool {
    LIVING.contains(&version)
}
