//! What an operator asks about the session and its role, and what needs a person.

use crate::clock::Timestamp;
use crate::store::call::{Call, columns};
use crate::store::{Store, StoreError};

columns! {
    /// What the database reports of the session and its role, and of what needs a person.
    #[derive(Debug)]
    pub struct Diagnosis {
        /// The database's clock.
        pub clock: Timestamp,
        /// The role.
        pub role_name: String,
        /// Whether it is a superuser, whom row level security does not bind.
        pub is_superuser: bool,
        /// Whether it may bypass row level security.
        pub bypasses: bool,
        /// Whether it owns a table with owners.
        pub owns_tables: bool,
        /// The tables with owners that lack forced row level security.
        pub unprotected: Vec<String>,
        /// The server process of this call.
        pub process: i32,
        /// Whether a setting of another call was still there.
        pub inherited: bool,
        /// How many results are in doubt.
        pub in_doubt: i64,
        /// How many results wait until their owners reconnect an account.
        pub needs_reconnect: i64,
        /// How many results wait because a platform requested a pause.
        pub held_by_rate_limit: i64,
        /// How many results wait because a platform's quota is used up.
        pub held_by_quota: i64,
        /// How many webhook messages wait.
        pub waiting_messages: i64,
        /// How many webhook endpoints are disabled.
        pub disabled_endpoints: i64,
    }
}

impl Store {
    /// Returns what the database reports of the session and its role, and of what needs a person. It only reads.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub async fn diagnose(&self) -> Result<Diagnosis, StoreError> {
        self.value(Call::repeatable("diagnose")).await
    }
}
