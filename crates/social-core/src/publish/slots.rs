//! Limits how many results a platform or account has in progress. One that stalls must not fill all worker
//! slots.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::{AccountId, PlatformId};
use crate::store::{Lease, Room};

/// The user of a slot: the platform and account of a result in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Occupant {
    platform: PlatformId,
    account: AccountId,
}

/// The worker slots of an invocation.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    /// Every platform.
    platforms: Vec<PlatformId>,
    concurrency: usize,
    /// How many results of one platform may be in progress.
    per_platform: usize,
    /// How many results of one account may be in progress.
    per_account: usize,
    taken: Arc<Mutex<Taken>>,
}

/// Counts the results in progress.
#[derive(Debug, Default)]
struct Taken {
    of_platform: HashMap<PlatformId, usize>,
    of_account: HashMap<AccountId, usize>,
    /// Whether a platform or account that was at its limit has left a slot since the last look.
    has_room_again: bool,
}

/// A slot in use. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    occupant: Occupant,
    slots: Slots,
}

/// A slot that was given up, and by what.
#[derive(Debug)]
pub(super) struct GivenUp {
    occupant: Occupant,
    slots: Slots,
}

impl Slots {
    /// Returns the limits: of ten worker slots, a platform may use eight and an account four. A single
    /// platform may use all of them.
    pub(super) fn new(concurrency: usize, platforms: Vec<PlatformId>) -> Self {
        let kept_free = if platforms.len() > 1 { concurrency.div_ceil(5) } else { 0 };
        Self {
            platforms,
            concurrency,
            per_platform: concurrency.saturating_sub(kept_free).max(1),
            per_account: (concurrency * 2).div_ceil(5).max(1),
            taken: Arc::default(),
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a slot for a result.
    pub(super) fn occupy(&self, lease: &Lease) -> Slot {
        self.take(Occupant { platform: lease.platform.clone(), account: lease.account })
    }

    fn take(&self, occupant: Occupant) -> Slot {
        let mut taken = self.taken();
        *taken.of_platform.entry(occupant.platform.clone()).or_default() += 1;
        *taken.of_account.entry(occupant.account).or_default() += 1;
        Slot { occupant, slots: self.clone() }
    }

    fn leave(&self, one: &Occupant) {
        let mut taken = self.taken();
        taken.has_room_again |= taken.is_at_limit(one, self);
        if let Some(count) = taken.of_platform.get_mut(&one.platform) {
            *count = count.saturating_sub(1);
        }
        if let Some(count) = taken.of_account.get_mut(&one.account) {
            *count = count.saturating_sub(1);
        }
        taken.of_account.retain(|_, count| *count > 0);
    }

    /// Returns how many slots are free.
    pub(super) fn free(&self) -> usize {
        self.concurrency.saturating_sub(self.taken().of_platform.values().sum())
    }

    /// Returns whether a platform or account that was at its limit has left a slot since the last time. Its results may
    /// start at once.
    pub(super) fn has_room_again(&self) -> bool {
        std::mem::take(&mut self.taken().has_room_again)
    }

    /// Returns the free slots.
    pub(super) fn room(&self) -> Room {
        let taken = self.taken();
        let free = |platform: &PlatformId| {
            self.per_platform.saturating_sub(taken.of_platform.get(platform).copied().unwrap_or_default())
        };
        Room {
            platforms: self
                .platforms
                .iter()
                .map(|platform| (platform.clone(), free(platform)))
                .filter(|(_, free)| *free > 0)
                .collect(),
            per_account: self.per_account,
            leased: taken.of_account.iter().map(|(account, count)| (*account, *count)).collect(),
        }
    }
}

impl Taken {
    fn is_at_limit(&self, one: &Occupant, limits: &Slots) -> bool {
        self.of_platform.get(&one.platform).is_some_and(|count| *count >= limits.per_platform)
            || self.of_account.get(&one.account).is_some_and(|count| *count >= limits.per_account)
    }
}

impl Slot {
    /// Returns whether its platform or account is at its limit.
    pub(super) fn is_waited_for(&self) -> bool {
        self.slots.taken().is_at_limit(&self.occupant, &self.slots)
    }

    /// Frees the slot.
    pub(super) fn give_up(self) -> GivenUp {
        GivenUp { occupant: self.occupant.clone(), slots: self.slots.clone() }
    }
}

impl GivenUp {
    /// Takes a slot again, even if there is none free.
    pub(super) fn take_back(self) -> Slot {
        self.slots.take(self.occupant)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.leave(&self.occupant);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn occupy(slots: &Slots, platform: &'static str, account: u128) -> Slot {
        let account = AccountId(Uuid::from_u128(account));
        slots.take(Occupant { platform: PlatformId::new(platform), account })
    }

    fn free(slots: &Slots, platform: &str) -> usize {
        let room = slots.room();
        room.platforms.iter().find(|(id, _)| id.as_str() == platform).map_or(0, |(_, free)| *free)
    }

    #[test]
    fn one_platform_never_fills_all_slots_and_one_account_never_half() {
        let slots = Slots::new(10, vec![PlatformId::new("slow"), PlatformId::new("quick")]);
        let mut slow: Vec<Slot> = (0..8).map(|account| occupy(&slots, "slow", account)).collect();
        assert_eq!((free(&slots, "slow"), free(&slots, "quick"), slots.free()), (0, 8, 2));
        assert!(!slots.has_room_again());
        slow.pop();
        assert_eq!((free(&slots, "slow"), slots.free()), (1, 3));
        assert!(slots.has_room_again() && !slots.has_room_again());
        slow.pop();
        assert!(!slots.has_room_again(), "there was room already");
        let quick: Vec<Slot> = (0..4).map(|_| occupy(&slots, "quick", 99)).collect();
        let room = slots.room();
        assert_eq!(room.per_account, 4);
        assert!(room.leased.contains(&(AccountId(Uuid::from_u128(99)), 4)));
        drop(quick);
        assert!(slots.has_room_again());
        drop(slow);
        assert_eq!(slots.free(), 10);
    }

    #[test]
    fn a_single_platform_has_all_slots_and_one_slot_is_enough_for_any() {
        assert_eq!(free(&Slots::new(10, vec![PlatformId::new("only")]), "only"), 10);
        let slots = Slots::new(1, vec![PlatformId::new("one"), PlatformId::new("other")]);
        assert_eq!((free(&slots, "one"), free(&slots, "other")), (1, 1));
    }
}
