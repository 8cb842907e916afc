//! The parts that the simulated Instagram and Facebook share: the Graph API's conventions, its tokens, its
//! upload host.

mod app;
mod authorize;
mod envelope;
mod grant;
mod host;
mod intake;
mod multipart;
mod parameters;
mod rupload;
mod usage;
mod version;
mod world;

pub use app::{App, AppError, Proof};
pub use usage::Usage;

pub(crate) use authorize::DENIED;
pub(crate) use envelope::{Refusal, json, refuse, success};
pub(crate) use grant::{Caller, Grants, Kind};
pub(crate) use host::{Roots, host};
pub(crate) use intake::{Intake, Source, await_download, download, resume, video_file};
pub(crate) use multipart::Multipart;
pub(crate) use parameters::{Parameters, graph, place};
pub(crate) use rupload::routes as upload_routes;
pub(crate) use version::known as is_version;
pub(crate) use world::World;

/// Returns an id like Meta's: a few digits for the kind, and random ones; larger than a float can represent.
pub(crate) fn id(kind: &str) -> String {
    format!("{kind}{:013}", crate::random::below(10_u64.pow(13)))
}

/// Reports whether Meta would accept the handle: letters, digits, dots, underscores.
pub(crate) fn is_handle(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '.' || letter == '_';
    (2..=30).contains(&name.len()) && name.chars().all(allowed) && !name.ends_with('.')
}

/// Returns milliseconds since 1970 in Graph's time format: no colon in the offset.
pub(crate) fn time(ms: i64) -> String {
    let (days, seconds) = (ms.div_euclid(86_400_000), ms.div_euclid(1_000).rem_euclid(86_400));
    // Converts days to a date, after Howard Hinnant's civil_from_days.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+0000")
}

/// Returns the reason why no account can have this handle, in a sentence for people.
pub(crate) fn problem_with_handle(name: &str) -> Option<&'static str> {
    (!is_handle(name)).then_some("A handle has 2 to 30 letters, digits, dots or underscores.")
}

#[cfg(test)]
mod tests {
    use super::{id, time};

    #[test]
    fn times_have_no_colon_in_their_offset() {
        assert_eq!(time(0), "1970-01-01T00:00:00+0000");
        assert_eq!(time(1_795_371_191_000), "2026-11-22T18:13:11+0000");
        assert_eq!(time(1_709_164_800_000), "2024-02-29T00:00:00+0000");
    }

    #[test]
    fn ids_are_digits_alone() {
        let id = id("17841");
        assert!(id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    }
}
