//! Messages to the product's endpoints. Triggers write them; here they are claimed, saved and swept.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::store::call::{Call, Records, columns, seconds};
use crate::store::{Store, StoreError};

columns! {
    /// A claimed message.
    #[derive(Debug)]
    pub struct Message {
        /// Its id, the same each time it is sent.
        pub id: Uuid,
        /// The hash of its endpoint's URL.
        pub endpoint: Vec<u8>,
        /// The result or account that it tells of.
        pub subject: Option<Uuid>,
        /// Grows with each message of a result.
        pub sequence: i64,
        /// How often it was sent in vain.
        pub failures: i32,
        /// What is sent: JSON.
        pub body: String,
    }
}

/// Messages, and the token of their lease.
#[derive(Debug)]
pub struct ClaimedMessages {
    /// The token.
    pub token: Uuid,
    /// The messages.
    pub messages: Vec<Message>,
}

/// What came of a message.
#[derive(Debug, Default, Serialize)]
pub struct SavedMessage {
    /// Which.
    pub id: Uuid,
    /// Whether it was sent.
    pub sent: bool,
    /// Whether the receiver took it.
    pub is_delivered: bool,
    /// Whether the receiver wants no more.
    pub is_gone: bool,
    /// When it is due again, in seconds; `None`: never.
    pub retry_seconds: Option<f64>,
    /// The status of the response.
    pub status: Option<u16>,
    /// Why it was not taken.
    pub problem: Option<String>,
}

columns! {
    /// A message as the product's server sees it.
    #[derive(Debug)]
    pub struct MessageRow {
        /// Its id.
        pub id: Uuid,
        /// The host of its endpoint.
        pub host: String,
        /// What happened.
        pub kind: String,
        /// Grows with each message of a result.
        pub sequence: i64,
        /// Whom it concerns; `None`: it tells of the worker or of an endpoint.
        pub owner_id: Option<String>,
        /// The account that it tells of.
        pub account_id: Option<Uuid>,
        /// The post that it tells of.
        pub post_id: Option<Uuid>,
        /// The result that it tells of.
        pub result_id: Option<Uuid>,
        /// `waiting`, `delivered` or `failed`.
        pub state: String,
        /// When it was written.
        pub created_at: Timestamp,
        /// How often it was sent since it was last made due.
        pub attempts: i32,
        /// The status of the last response.
        pub last_status: Option<i32>,
        /// Why the last attempt failed.
        pub last_problem: Option<String>,
        /// When it is due.
        pub due_at: Option<Timestamp>,
        /// When the receiver took it.
        pub delivered_at: Option<Timestamp>,
    }
}

/// Which messages to list. A message fulfils every condition that is given.
#[derive(Debug, Default)]
pub struct MessageFilter {
    /// It is in one of these states.
    pub states: Option<Vec<&'static str>>,
    /// It tells of one of these accounts.
    pub accounts: Option<Vec<Uuid>>,
    /// It tells of one of these results.
    pub results: Option<Vec<Uuid>>,
}

/// How many messages a sweep forgets.
const MOST_SWEPT: i32 = 1000;
/// Seven days before a grant ends, its product is told.
const BEFORE_THE_END: Duration = Duration::from_hours(7 * 24);

impl Store {
    /// Claims due messages: up to `most` of each endpoint, and up to `few` of one that fails. An endpoint is the hash of
    /// its URL and its host. Made twice, the first claim's messages wait for the end of their lease.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn claim_messages(
        &self,
        endpoints: &[(&[u8], &str)],
        most: usize,
        few: usize,
        lease: Duration,
    ) -> Result<ClaimedMessages, StoreError> {
        let token = self.token();
        let call = Call::repeatable("claim_messages")
            .with("endpoints", endpoints.iter().map(|(hash, _)| *hash).collect::<Vec<_>>())
            .with("hosts", endpoints.iter().map(|(_, host)| *host).collect::<Vec<_>>())
            .with("most", i32::try_from(most).unwrap_or(i32::MAX))
            .with("few", i32::try_from(few).unwrap_or(i32::MAX))
            .with("token", token)
            .with("lease_seconds", seconds(lease));
        Ok(ClaimedMessages { token, messages: self.rows(call).await? })
    }

    /// Saves what came of messages claimed under a token. Returns the hosts of endpoints that are disabled by it: those
    /// that are gone, or have taken nothing for `patience`. Twice is once.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn save_messages(
        &self,
        messages: Vec<SavedMessage>,
        token: Uuid,
        patience: Duration,
    ) -> Result<Vec<String>, StoreError> {
        let call = Call::repeatable("save_messages")
            .with("messages", Records(messages))
            .with("token", token)
            .with("patience_seconds", seconds(patience));
        self.rows(call).await
    }

    /// Returns up to `limit` messages of all owners, newest first, from before `before`. Repeatable.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub async fn messages(
        &self,
        before: Option<Uuid>,
        limit: i64,
        filter: MessageFilter,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let call = Call::repeatable("list_messages")
            .with("before", before)
            .with("most", limit)
            .with("states", filter.states)
            .with("accounts", filter.accounts)
            .with("results", filter.results);
        self.rows(call).await
    }

    /// Makes messages due again: these, also delivered ones, and all that were not delivered since a time. Returns how
    /// many. Twice is once.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn redeliver_messages(
        &self,
        ids: &[Uuid],
        since: Option<Timestamp>,
    ) -> Result<i64, StoreError> {
        self.value(Call::repeatable("redeliver_messages").with("ids", ids).with("since", since)).await
    }

    /// Tells of accounts whose grant ends soon, and forgets old messages. Twice is once.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn tidy_messages(&self) -> Result<(), StoreError> {
        let soon = Call::repeatable("tell_of_expiring").with("seconds", seconds(BEFORE_THE_END));
        self.run(soon).await?;
        self.run(Call::repeatable("sweep_messages").with("most", MOST_SWEPT)).await
    }
}
