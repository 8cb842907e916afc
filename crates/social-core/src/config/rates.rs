//! How often an owner may make the calls that cost the most.

/// How many calls of a kind an owner may make in a minute, or at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(Option<i32>);

impl Rate {
    /// Any number.
    pub const UNLIMITED: Self = Self(None);

    /// Returns a rate; 0 is any number.
    pub(super) fn of(per_minute: u64) -> Self {
        Self(i32::try_from(per_minute).ok().filter(|most| *most > 0))
    }

    /// Returns the number; `None` is any.
    #[must_use]
    pub fn per_minute(self) -> Option<i32> {
        self.0
    }
}

/// The limits of one owner.
#[derive(Debug, Clone, Copy)]
pub struct Rates {
    /// Of authorization requests. Each is a row.
    pub connects: Rate,
    /// Of posts created.
    pub creates: Rate,
    /// Of validations. Each makes up to six requests to a host that the owner names.
    pub validations: Rate,
}
