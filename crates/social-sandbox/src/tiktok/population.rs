//! The first creators, and the search for one.

use super::account::{Account, Interaction, Visibility};
use super::world::World;
use crate::place::Who;

impl World {
    /// Creates the creators that the consent page offers.
    pub(crate) fn populate(&mut self) {
        if !self.accounts.is_empty() {
            return;
        }
        let mut kitchen = Account::new("demokitchen", Visibility::Public);
        kitchen.display_name = "Demo Kitchen".into();
        kitchen.bio = "Five minute noodles, every day.".into();
        (kitchen.followers, kitchen.following, kitchen.likes, kitchen.videos) = (1_520, 64, 20_431, 87);
        kitchen.stitches = Interaction::Disabled;
        let mut garden = Account::new("quietgarden", Visibility::Private);
        garden.display_name = "Quiet Garden".into();
        garden.bio = "Mostly moss.".into();
        (garden.followers, garden.following, garden.likes, garden.videos) = (42, 51, 310, 9);
        let mut lab = Account::new("studio.lab", Visibility::Public);
        lab.display_name = "Studio Lab".into();
        (lab.followers, lab.following, lab.likes, lab.videos) = (250_311, 12, 4_800_112, 412);
        for account in [kitchen, garden, lab] {
            self.accounts.insert(account.open_id.clone(), account);
        }
    }

    /// Returns an account by user name, with or without the `@`.
    pub(crate) fn by_username(&self, name: &str) -> Option<&Account> {
        let name = name.trim_start_matches('@');
        self.accounts.values().find(|account| account.username == name)
    }

    /// Returns an account by user name, created if missing.
    pub(crate) fn account_named(&mut self, name: &str, visibility: Visibility) -> &mut Account {
        let name = name.trim_start_matches('@');
        let id = match self.by_username(name) {
            Some(account) => account.open_id.clone(),
            None => Account::new(name, visibility).open_id,
        };
        self.accounts
            .entry(id.clone())
            .or_insert_with(|| Account { open_id: id, ..Account::new(name, visibility) })
    }

    /// Returns the account of an `open_id`.
    pub(crate) fn who(&self, open_id: &str) -> Option<Who> {
        self.accounts.get(open_id).map(Account::who)
    }
}
