//! The first accounts, and the search for one.

use super::account::{Account, AccountType};
use super::world::World;
use crate::place::Who;

impl World {
    /// Creates the accounts that the consent page offers.
    pub(crate) fn populate(&mut self) {
        if !self.accounts.is_empty() {
            return;
        }
        let mut kitchen = Account::new("demokitchen", AccountType::Business);
        kitchen.name = "Demo Kitchen".into();
        (kitchen.followers, kitchen.media) = (3_410, 212);
        let mut garden = Account::new("quietgarden", AccountType::MediaCreator);
        garden.name = "Quiet Garden".into();
        (garden.followers, garden.media) = (640, 31);
        let mut private = Account::new("just.me", AccountType::Personal);
        private.name = "Just Me".into();
        (private.followers, private.media) = (48, 7);
        for account in [kitchen, garden, private] {
            self.accounts.insert(account.id.clone(), account);
        }
    }

    /// Returns an account by user name, with or without the `@`.
    pub(crate) fn by_username(&self, name: &str) -> Option<&Account> {
        let name = name.trim_start_matches('@');
        self.accounts.values().find(|account| account.username == name)
    }

    /// Returns an account by user name, created if missing.
    pub(crate) fn account_named(&mut self, name: &str, kind: AccountType) -> &mut Account {
        let name = name.trim_start_matches('@');
        let fresh = Account::new(name, kind);
        let id = self.by_username(name).map_or(fresh.id.clone(), |account| account.id.clone());
        self.accounts.entry(id).or_insert(fresh)
    }

    /// Returns the account of an id.
    pub(crate) fn who(&self, id: &str) -> Option<Who> {
        self.accounts.get(id).map(Account::who)
    }
}
