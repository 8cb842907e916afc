//! The leases of steps that were cut off: their process stopped before they could end.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::LeaseKey;

/// Collects leases whose steps were dropped before their end.
#[derive(Debug, Clone, Default)]
pub struct CutOff(Arc<Mutex<Vec<LeaseKey>>>);

/// Notes its lease when it is dropped, unless the steps under the lease ended before.
#[derive(Debug)]
pub(super) struct Watch {
    lease: Option<LeaseKey>,
    cut_off: CutOff,
}

impl CutOff {
    /// Watches the steps under a lease. What is returned belongs to their future, and is dropped with it.
    pub(super) fn watch(&self, lease: LeaseKey) -> Watch {
        Watch { lease: Some(lease), cut_off: self.clone() }
    }

    /// Returns the leases that were noted, each once.
    pub(super) fn take(&self) -> Vec<LeaseKey> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Watch {
    /// The steps have ended: they were saved, or failed and left the lease to its end.
    pub(super) fn end(mut self) {
        self.lease = None;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            self.cut_off.0.lock().unwrap_or_else(PoisonError::into_inner).push(lease);
        }
    }
}
