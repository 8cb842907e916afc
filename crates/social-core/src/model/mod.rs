//! The domain types: plain data and its states.

mod account;
mod connection;
mod event;
mod hold;
mod post;
mod result;

pub use account::{Account, AccountId, AccountMetadata, AccountStatus, Grant, OwnerId, PlatformId};
pub use connection::{Connection, ReturnTo};
pub use event::PublishEvent;
pub use hold::{HeldReason, HoldScope, Window};
pub use post::{NewPost, NewResult, Post, PostId, PostState};
pub use result::{
    Attempt, AttemptOutcome, Checkpoint, PostResult, Receipt, ResultError, ResultId, ResultState, StateName,
};
