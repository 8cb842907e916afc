//! Outgoing webhooks, by Standard Webhooks (standardwebhooks.com, version 1.0.0): what the product is told, at least
//! once.
//!
//! The transaction that changes a result or an account writes the messages (`sql/tell_of_*.sql`). The worker sends
//! them. Each message has an id, by which a receiver knows one that comes twice, and a sequence that grows, by which
//! it knows the later of two about the same result.

mod courier;
mod schedule;
mod signature;

pub use self::courier::{Courier, Deliveries, refused_endpoints};
pub use self::signature::sign;
