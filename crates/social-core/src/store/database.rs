//! The database as the rest of the program sees it: each file of this module adds the calls of its table.

use std::sync::Arc;

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::secret::DatabaseUrl;
use crate::store::call::{Call, Columns};
use crate::store::connections::Connections;
use crate::store::error::StoreError;
use crate::store::group_commit::GroupCommit;
use crate::store::marks::Mark;
use crate::store::saves::Save;
use crate::store::schema_report::explain;
use crate::vault::Vault;

/// The database, with what is needed to seal what goes in and to open what comes out.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) connections: Connections,
    pub(super) vault: Vault,
    pub(super) clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pub(super) saves: Arc<GroupCommit<Save>>,
    pub(super) marks: Arc<GroupCommit<Mark>>,
}

impl Store {
    /// A store that connects when it is first used. `connections` is one or two for a function, more for a
    /// process that does many things at once.
    ///
    /// # Errors
    /// When the URL cannot be read.
    pub fn connect_lazy(
        url: &DatabaseUrl,
        connections: u32,
        vault: Vault,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            connections: Connections::lazy(url, connections)?,
            vault,
            clock,
            entropy,
            saves: Arc::default(),
            marks: Arc::default(),
        })
    }

    /// Makes a call of a function of the database. Returns the rows it returns.
    pub(super) async fn rows<R: Columns>(&self, call: Call<'_>) -> Result<Vec<R>, StoreError> {
        self.explained(self.connections.rows(call).await).await
    }

    /// The same of a function that returns one row or none.
    pub(super) async fn row<R: Columns>(&self, call: Call<'_>) -> Result<Option<R>, StoreError> {
        Ok(self.rows(call).await?.pop())
    }

    /// The same of a function that returns a value.
    pub(super) async fn value<R: Columns>(&self, call: Call<'_>) -> Result<R, StoreError> {
        self.row(call).await?.ok_or(StoreError::Inconsistent("what a function of the database returns"))
    }

    /// The same of a function that returns nothing.
    pub(super) async fn run(&self, call: Call<'_>) -> Result<(), StoreError> {
        self.explained(self.connections.call(&call).await.map(drop)).await
    }

    /// Names the schema where it is the cause of an error.
    async fn explained<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        match outcome {
            Err(error) if error.is_of_schema() => Err(explain(&self.connections, error).await),
            outcome => outcome,
        }
    }

    /// Closes every connection.
    pub fn close(&self) {
        self.connections.close();
    }

    /// A random name for what is done once.
    pub(super) fn token(&self) -> uuid::Uuid {
        uuid::Uuid::from_bytes(crate::entropy::bytes(&*self.entropy))
    }

    pub(super) fn id(&self) -> uuid::Uuid {
        crate::entropy::uuid_v7(self.clock.now(), &*self.entropy)
    }
}
