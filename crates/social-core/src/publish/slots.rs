//! Limits how many results a platform or account has in progress. One that stalls must not fill all worker
//! slots.

use std::collections::HashMap;

use crate::model::{AccountId, PlatformId};
use crate::store::{Lease, Room};

/// The user of a slot: the platform and account of a result in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Occupant {
    platform: PlatformId,
    account: AccountId,
}

impl Occupant {
    pub(super) fn of(lease: &Lease) -> Self {
        Self { platform: lease.platform.clone(), account: lease.account }
    }
}

/// Counts the results in progress.
#[derive(Debug)]
pub(super) struct Slots {
    /// Every platform.
    platforms: Vec<PlatformId>,
    /// How many results of one platform may be in progress.
    per_platform: usize,
    /// How many results of one account may be in progress.
    per_account: usize,
    of_platform: HashMap<PlatformId, usize>,
    of_account: HashMap<AccountId, usize>,
}

impl Slots {
    /// Returns the limits: of ten worker slots, a platform may use eight and an account four. A single
    /// platform may use all of them.
    pub(super) fn new(concurrency: usize, platforms: Vec<PlatformId>) -> Self {
        let kept_free = if platforms.len() > 1 { concurrency.div_ceil(5) } else { 0 };
        Self {
            platforms,
            per_platform: concurrency.saturating_sub(kept_free).max(1),
            per_account: (concurrency * 2).div_ceil(5).max(1),
            of_platform: HashMap::new(),
            of_account: HashMap::new(),
        }
    }

    pub(super) fn occupy(&mut self, one: &Occupant) {
        *self.of_platform.entry(one.platform.clone()).or_default() += 1;
        *self.of_account.entry(one.account).or_default() += 1;
    }

    /// Removes a finished result. Returns whether its platform or account was at the limit before.
    pub(super) fn release(&mut self, one: &Occupant) -> bool {
        let was_full = self.of_platform.get(&one.platform).is_some_and(|count| *count >= self.per_platform)
            || self.of_account.get(&one.account).is_some_and(|count| *count >= self.per_account);
        if let Some(count) = self.of_platform.get_mut(&one.platform) {
            *count = count.saturating_sub(1);
        }
        if let Some(count) = self.of_account.get_mut(&one.account) {
            *count = count.saturating_sub(1);
        }
        self.of_account.retain(|_, count| *count > 0);
        was_full
    }

    /// Returns the free slots.
    pub(super) fn room(&self) -> Room {
        let free = |platform: &PlatformId| {
            self.per_platform.saturating_sub(self.of_platform.get(platform).copied().unwrap_or_default())
        };
        Room {
            platforms: self
                .platforms
                .iter()
                .map(|platform| (platform.clone(), free(platform)))
                .filter(|(_, free)| *free > 0)
                .collect(),
            per_account: self.per_account,
            leased: self.of_account.iter().map(|(account, count)| (*account, *count)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn one(platform: &'static str, account: u128) -> Occupant {
        Occupant { platform: PlatformId::new(platform), account: AccountId(Uuid::from_u128(account)) }
    }

    fn free(slots: &Slots, platform: &str) -> usize {
        let room = slots.room();
        room.platforms.iter().find(|(id, _)| id.as_str() == platform).map_or(0, |(_, free)| *free)
    }

    #[test]
    fn one_platform_never_fills_all_slots_and_one_account_never_half() {
        let mut slots = Slots::new(10, vec![PlatformId::new("slow"), PlatformId::new("quick")]);
        for account in 0..8 {
            slots.occupy(&one("slow", account));
        }
        assert_eq!((free(&slots, "slow"), free(&slots, "quick")), (0, 8));
        slots.release(&one("slow", 0));
        assert_eq!(free(&slots, "slow"), 1);
        for _ in 0..4 {
            slots.occupy(&one("quick", 99));
        }
        let room = slots.room();
        assert_eq!(room.per_account, 4);
        assert!(room.leased.contains(&(AccountId(Uuid::from_u128(99)), 4)));
    }

    #[test]
    fn a_single_platform_has_all_slots_and_one_slot_is_enough_for_any() {
        assert_eq!(free(&Slots::new(10, vec![PlatformId::new("only")]), "only"), 10);
        let slots = Slots::new(1, vec![PlatformId::new("one"), PlatformId::new("other")]);
        assert_eq!((free(&slots, "one"), free(&slots, "other")), (1, 1));
    }
}
