//! Random draws from the seed, so that a run can be repeated as far as real processes allow.

use std::time::Duration;

/// `SplitMix64` (Steele, Lea, Flood 2014): one line of state, and the same draws on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Returns separate dice for each purpose, so that draws for one do not change another.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let name = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut dice = Self(seed ^ name);
        dice.roll();
        dice
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit.max(1)
    }

    /// Returns an index into a list of `length`.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        let limit = u64::try_from(length).unwrap_or(u64::MAX);
        usize::try_from(self.below(limit)).unwrap_or_default()
    }

    /// Returns true this many times in a hundred.
    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// Returns a time from `least` to `most`, in milliseconds.
    pub(crate) fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below(most.saturating_sub(least) + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn a_seed_decides_the_draws_and_a_purpose_has_its_own() {
        let draws = |seed, purpose| {
            let mut dice = Dice::new(seed, purpose);
            std::iter::repeat_with(move || dice.below(1_000)).take(20).collect::<Vec<_>>()
        };
        assert_eq!(draws(7, "kills"), draws(7, "kills"));
        assert_ne!(draws(7, "kills"), draws(8, "kills"));
        assert_ne!(draws(7, "kills"), draws(7, "posts"));
    }
}
