//! The domain types: plain data and its states.

mod account;
mod connection;
mod consent;
mod event;
mod hold;
mod origin;
mod post;
mod request;
mod result;

pub use account::{Account, AccountId, AccountMetadata, AccountStatus, Ended, Grant, OwnerId, PlatformId};
pub use connection::{Connection, ReturnTo};
pub use consent::Consent;
pub use event::PublishEvent;
pub use hold::{HeldReason, HoldScope, Window};
pub use origin::{Actor, Origin};
pub use post::{NewPost, NewResult, Post, PostFilter, PostId, PostState};
pub use request::RequestId;
pub use result::{
    Attempt, AttemptOutcome, Checkpoint, PostResult, Receipt, ResultError, ResultId, ResultState, StateName,
};
