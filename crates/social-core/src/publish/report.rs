//! The report of one invocation.

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::StateName;

/// The counts of one invocation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Results leased.
    pub leased: usize,
    /// Results that the platform reported as published.
    pub published: usize,
    /// Drafts delivered to an inbox.
    pub delivered: usize,
    /// Results that failed.
    pub failed: usize,
    /// Results that wait for their next step.
    pub waiting: usize,
    /// Results held by a quota or for a person.
    pub held: usize,
    /// Results that were cancelled.
    pub cancelled: usize,
    /// Results that expired.
    pub expired: usize,
    /// Results whose outcome is unknown.
    pub in_doubt: usize,
    /// Leases lost to another worker, a webhook or the owner.
    pub lost: usize,
    /// How long the oldest due result has been waiting, in seconds.
    pub oldest_due_seconds: i64,
    /// Seconds since the previous call of the worker; absent on the first call.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub since_last_call_seconds: Option<i64>,
}

impl Report {
    /// Counts a result that this invocation has finished with. `None`: its lease was lost.
    pub(super) fn count(&mut self, over: Option<StateName>) {
        match over {
            None => self.lost += 1,
            Some(StateName::Published) => self.published += 1,
            Some(StateName::DeliveredToInbox) => self.delivered += 1,
            Some(StateName::Failed) => self.failed += 1,
            Some(StateName::Held) => self.held += 1,
            Some(StateName::InDoubt) => self.in_doubt += 1,
            Some(StateName::Cancelled) => self.cancelled += 1,
            Some(StateName::Expired) => self.expired += 1,
            Some(StateName::Queued | StateName::Publishing | StateName::Processing) => self.waiting += 1,
        }
    }
}
