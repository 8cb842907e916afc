//! The version at the start of a path.

/// The supported versions in November 2026 (Graph API changelog): `v20.0` ended on 2026-09-24.
const LIVING: [&str; 7] = [OLDEST, "v22.0", "v23.0", "v24.0", "v25.0", "v26.0", "v27.0"];

/// The oldest of them. It also serves calls to ended versions, and calls without one (Meta, "Platform
/// versioning").
pub(super) const OLDEST: &str = "v21.0";

/// Reports whether the path's first segment is a supported version.
pub(crate) fn known(version: &str) -> bool {
    LIVING.contains(&version)
}

/// Reports whether it looks like a version.
pub(super) fn is_one(segment: &str) -> bool {
    numbers(segment).is_some()
}

/// Returns the version that serves calls to this one.
pub(super) fn served(version: &str) -> &str {
    if numbers(version) < numbers(OLDEST) { OLDEST } else { version }
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.strip_prefix('v')?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
