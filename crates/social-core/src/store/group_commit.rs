//! Group commit: writes that arrive during another write share the next transaction.
//!
//! A worker with fifty results in progress would pay for fifty transactions where one is enough. So a write waits for
//! the transaction in progress, and all that arrived meanwhile go into the next one. A single write does not wait. If
//! Postgres declines a batch, the store tries each of its writes alone, so that one bad row stops no other.

use std::fmt::Debug;
use std::mem;
use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::store::call::Call;
use crate::store::connections::Connections;
use crate::store::error::StoreError;

/// A write to one row, fenced by its lease, that can be made with others of its kind.
pub(super) trait Fenced: Debug + Send + Sync {
    /// The row.
    fn row(&self) -> Uuid;
    /// Returns the call that makes some writes in one transaction. It returns the rows whose lease still held.
    fn call<'a>(writes: &[&'a Self]) -> Call<'a>;
}

#[derive(Debug)]
struct Waiting<W> {
    write: W,
    done: oneshot::Sender<Result<bool, StoreError>>,
}

/// The writes of one kind that wait for the next transaction.
#[derive(Debug)]
pub(super) struct GroupCommit<W> {
    waiting: Mutex<Vec<Waiting<W>>>,
    writing: tokio::sync::Mutex<()>,
}

impl<W> Default for GroupCommit<W> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), writing: tokio::sync::Mutex::default() }
    }
}

impl<W: Fenced> GroupCommit<W> {
    /// Has a write made, by whoever writes next. `false`: the lease was lost before.
    pub(super) async fn write(&self, connections: &Connections, write: W) -> Result<bool, StoreError> {
        let (done, mut told) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(Waiting { write, done });
        let writing = self.writing.lock().await;
        // Who wrote before us may have written ours.
        if let Ok(written) = told.try_recv() {
            return written;
        }
        // What is ready to be written in this same moment goes along.
        tokio::task::yield_now().await;
        let batch = mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let writes: Vec<&W> = batch.iter().map(|waiting| &waiting.write).collect();
        match connections.rows::<Uuid>(W::call(&writes)).await {
            Ok(written) => {
                for waiting in batch {
                    let is_written = written.contains(&waiting.write.row());
                    // Whoever stopped waiting has no use for the answer.
                    let _ = waiting.done.send(Ok(is_written));
                }
            }
            // The server declined: one row may be to blame, and is found by trying each alone.
            Err(error) if batch.len() > 1 && is_of_a_row(&error) => {
                tracing::warn!(
                    "{} rows could not be written together, so each is written alone: {error}",
                    batch.len()
                );
                let mut is_up = true;
                for waiting in batch {
                    let written = if is_up {
                        connections.rows::<Uuid>(W::call(&[&waiting.write])).await
                    } else {
                        Err(StoreError::Interrupted)
                    };
                    is_up &= !matches!(&written, Err(error) if !is_of_a_row(error));
                    let _ = waiting.done.send(written.map(|written| !written.is_empty()));
                }
            }
            // Nobody answered: those who wait hear of it at once, and each may try again.
            Err(error) => {
                let mut error = Some(error);
                for waiting in batch {
                    let _ = waiting.done.send(Err(error.take().unwrap_or(StoreError::Interrupted)));
                }
            }
        }
        drop(writing);
        told.await.map_err(|_| StoreError::Interrupted)?
    }
}

/// Whether a row may be to blame, and not the server.
fn is_of_a_row(error: &StoreError) -> bool {
    matches!(error, StoreError::Declined { .. }) && !error.is_passing()
}
