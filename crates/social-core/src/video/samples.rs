//! Samples, and how long they last.

use std::iter::Sum;
use std::time::Duration;

/// How many samples, and how many ticks they last together.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(super) struct Samples {
    pub(super) count: u64,
    pub(super) ticks: u64,
}

impl Samples {
    /// Samples of one duration. Without a duration they do not count: recorders write 0 for a last sample whose end
    /// they do not know.
    pub(super) fn lasting(count: u32, ticks: u32) -> Self {
        let (count, ticks) = (u64::from(count), u64::from(ticks));
        if ticks == 0 { Self::default() } else { Self { count, ticks: count * ticks } }
    }

    /// The average rate.
    pub(super) fn rate(self, scale: u64) -> Option<f64> {
        let count = u32::try_from(self.count).ok().filter(|&count| count > 0)?;
        Some(f64::from(count) / time(self.ticks, scale)?.as_secs_f64())
    }
}

impl Sum for Samples {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |sum, part| Self {
            count: sum.count.saturating_add(part.count),
            ticks: sum.ticks.saturating_add(part.ticks),
        })
    }
}

/// Ticks as time. No time at all is unknown, and so is more than a year, which no video lasts.
pub(super) fn time(ticks: u64, scale: u64) -> Option<Duration> {
    let nanos = (u128::from(ticks) * 1_000_000_000).checked_div(scale.into())?;
    let duration = Duration::from_nanos(u64::try_from(nanos).ok()?);
    Some(duration).filter(|duration| !duration.is_zero() && *duration <= Duration::from_hours(366 * 24))
}
