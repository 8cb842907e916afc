//! The only SQL. One plain struct over one Postgres, one file per table.
//!
//! A call of one of the database's functions is one round trip, under no name, which is what works behind every
//! transaction-mode pooler (pgBouncer, Supavisor, RDS Proxy). A function names the owner, or says that it is the
//! worker: row level security holds it to that.

mod audit;
mod call;
mod claims;
mod connections;
mod database;
mod diagnosis;
mod error;
mod granted_accounts;
mod grants;
mod group_commit;
mod holds;
mod lease;
mod marks;
mod new_posts;
mod oauth_states;
mod post_changes;
mod post_results;
mod publish_attempts;
mod received_webhooks;
mod saves;
mod schema;
mod schema_report;
mod seals;
mod social_accounts;
mod social_posts;
mod sweep;
mod timeouts;
mod trust;
mod unreadable;
mod webhook_messages;
mod worker_pulse;

pub use audit::ChangeRow;
pub use claims::{Claim, Leased, Reach, Room};
pub use database::Store;
pub use diagnosis::Diagnosis;
pub use error::StoreError;
pub use granted_accounts::GrantedAccount;
pub use grants::{RefreshLease, Renew, StoredGrant};
pub use lease::{Lease, LeaseKey};
pub use new_posts::{Created, Key, Prepared, SeenAccounts};
pub use oauth_states::{Standing, Visit, Visited};
pub use post_changes::{Changed, PostEdit};
pub use publish_attempts::AttemptRow;
pub use received_webhooks::{LinkLook, PostLinks, ReceivedWebhook};
pub use saves::{Ended, Saved};
pub use schema::Schema;
pub use seals::{Resealed, SealedValues};
pub use social_accounts::{Connected, Connecting};
pub use webhook_messages::{ClaimedMessages, Message, MessageFilter, MessageRow, SavedMessage};
pub use worker_pulse::{Health, Pulse};
