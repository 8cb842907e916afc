//! The project's daily quota, which resets at midnight Pacific time ("Quota Calculator").

use super::envelope::Refusal;
use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Weekday};
use serde::{Deserialize, Serialize};

/// The used part of the quota.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Quota {
    /// The Pacific day of the counts.
    day: Option<NaiveDate>,
    inserts: u32,
    units: u32,
}

impl Quota {
    /// Returns the counts of this day.
    fn today(&mut self, now: i64) -> &mut Self {
        let day = pacific_day(now);
        if self.day != Some(day) {
            *self = Self { day: Some(day), ..Self::default() };
        }
        self
    }

    /// Uses one call of `videos.insert`, which has a quota of its own.
    pub(super) fn spend_insert(&mut self, most: u32, now: i64) -> Result<(), Refusal> {
        spend(&mut self.today(now).inserts, most)
    }

    /// Uses one unit of the quota that all reads share.
    pub(super) fn spend_unit(&mut self, most: u32, now: i64) -> Result<(), Refusal> {
        spend(&mut self.today(now).units, most)
    }

    /// Returns the used part of the day's quota: sessions opened, then units.
    pub(crate) fn used(mut self, now: i64) -> (u32, u32) {
        let today = self.today(now);
        (today.inserts, today.units)
    }
}

fn spend(used: &mut u32, most: u32) -> Result<(), Refusal> {
    if *used >= most {
        let message = "The request cannot be completed because you have exceeded your quota.";
        return Err(Refusal::new(403, "quotaExceeded", message).in_domain("youtube.quota"));
    }
    *used = used.saturating_add(1);
    Ok(())
}

/// Returns the date in California: eight hours behind UTC, or seven in summer. Summer time lasts from the
/// second Sunday in March to the first Sunday in November, both at two o'clock.
fn pacific_day(ms: i64) -> NaiveDate {
    let standard = DateTime::from_timestamp_millis(ms).unwrap_or_default().naive_utc() - TimeDelta::hours(8);
    let sunday = |month, nth| NaiveDate::from_weekday_of_month_opt(standard.year(), month, Weekday::Sun, nth);
    let (begins, ends) = (sunday(3, 2).unwrap_or_default(), sunday(11, 1).unwrap_or_default());
    // In standard time, summer time starts at two and ends at one.
    let at = |day: NaiveDate, hour| day.and_hms_opt(hour, 0, 0).unwrap_or_default();
    let summer = (at(begins, 2)..at(ends, 1)).contains(&standard);
    (standard + TimeDelta::hours(i64::from(summer))).date()
}

#[cfg(test)]
mod tests {
    use super::pacific_day;
    use chrono::DateTime;

    fn day(text: &str) -> String {
        let ms = DateTime::parse_from_rfc3339(text).expect("a time").timestamp_millis();
        pacific_day(ms).to_string()
    }

    #[test]
    fn a_day_starts_at_midnight_in_california() {
        assert_eq!(day("2026-12-02T07:59:59Z"), "2026-12-01");
        assert_eq!(day("2026-12-02T08:00:00Z"), "2026-12-02");
        assert_eq!(day("2026-07-02T06:59:59Z"), "2026-07-01");
        assert_eq!(day("2026-07-02T07:00:00Z"), "2026-07-02");
    }

    #[test]
    fn the_days_on_which_clocks_change_have_23_and_25_hours() {
        assert_eq!(day("2026-03-08T07:59:59Z"), "2026-03-07");
        assert_eq!(day("2026-03-08T08:00:00Z"), "2026-03-08");
        assert_eq!(day("2026-03-09T06:59:59Z"), "2026-03-08");
        assert_eq!(day("2026-03-09T07:00:00Z"), "2026-03-09");
        assert_eq!(day("2026-11-01T07:00:00Z"), "2026-11-01");
        assert_eq!(day("2026-11-02T07:59:59Z"), "2026-11-01");
        assert_eq!(day("2026-11-02T08:00:00Z"), "2026-11-02");
    }
}
