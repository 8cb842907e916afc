//! The audit trail. The functions that make a change write it.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::OwnerId;
use crate::store::call::{Call, columns};
use crate::store::{Store, StoreError};

columns! {
    /// A change.
    #[derive(Debug)]
    pub struct ChangeRow {
        /// Its id. Later ids sort later.
        pub id: Uuid,
        /// When it was made.
        pub at: Timestamp,
        /// What was done.
        pub action: String,
        /// Who did it.
        pub actor: String,
        /// The account, of a change to an account.
        pub account_id: Option<Uuid>,
        /// The post, of a change to a post.
        pub post_id: Option<Uuid>,
        /// The result, of a change to a result.
        pub result_id: Option<Uuid>,
        /// The client's address.
        pub address: Option<String>,
        /// What the client calls itself.
        pub user_agent: Option<String>,
        /// The id of the request.
        pub request_id: Option<String>,
    }
}

impl Store {
    /// Returns up to `limit` of an owner's changes, newest first, from before `before`. Repeatable.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub async fn changes(
        &self,
        owner: &OwnerId,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<ChangeRow>, StoreError> {
        let call = Call::repeatable("list_changes")
            .with("owner", owner.as_str())
            .with("before", before)
            .with("most", limit);
        self.rows(call).await
    }
}
