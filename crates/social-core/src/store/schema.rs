//! The schema's version, which is the newest migration that was applied, compared with the one of this program.

use std::fmt;

/// The newest migration of this program, as the build read it.
const OWN_VERSION: i64 = match i64::from_str_radix(env!("NEWEST_MIGRATION"), 10) {
    Ok(version) => version,
    Err(_) => panic!("the build writes a number"),
};

/// The first version that reports itself to the product's role.
const REPORTED_SINCE: i64 = 20_261_128_000_017;

/// How the database's schema fits this program. Its `Display` is a sentence with both versions and the remedy.
///
/// Only an older schema is refused. During an upgrade the schema comes first, so the program of the version before must
/// keep working on a newer one, and must also start there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Both have the same version.
    Fits,
    /// A newer program has migrated it.
    Newer(i64),
    /// It lacks migrations of this program. `None`: it is too old to report its version.
    Older(Option<i64>),
    /// It has the migrations of this program, and not all functions.
    Incomplete,
    /// It was never migrated.
    Missing,
}

impl Schema {
    /// Compares a database's newest migration with this program's.
    pub(super) fn of(version: i64) -> Self {
        match version.cmp(&OWN_VERSION) {
            std::cmp::Ordering::Less => Self::Older(Some(version)),
            std::cmp::Ordering::Equal => Self::Fits,
            std::cmp::Ordering::Greater => Self::Newer(version),
        }
    }

    /// Returns whether this program can work on it.
    pub(super) fn is_usable(self) -> bool {
        match self {
            Self::Fits | Self::Newer(_) => true,
            Self::Older(_) | Self::Incomplete | Self::Missing => false,
        }
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = OWN_VERSION;
        match self {
            Self::Fits => write!(f, "The database has schema version {own}, as this program requires."),
            Self::Newer(version) => write!(
                f,
                "The database has schema version {version}, and this program knows version {own}: deploy the newer program."
            ),
            Self::Older(Some(version)) => write!(
                f,
                "The database has schema version {version}, and this program requires version {own}: run `social-server migrate`."
            ),
            Self::Older(None) => write!(
                f,
                "The database has a schema version before {REPORTED_SINCE}, and this program requires version {own}: run `social-server migrate`."
            ),
            Self::Incomplete => write!(
                f,
                "The database has schema version {own}, and lacks functions of it: run `social-server migrate`."
            ),
            Self::Missing => write!(
                f,
                "The database has no schema, and this program requires version {own}: run `social-server migrate`."
            ),
        }
    }
}
