//! The end of a result's step run: its save goes along with the claim of what its slot takes next, if one is due.

use tokio::sync::{mpsc, oneshot};

use super::slots::{GivenUp, Slot};
use crate::model::ResultId;
use crate::store::Ended;

/// Offers the loop what has ended.
#[derive(Debug, Clone)]
pub(super) struct Endings(mpsc::UnboundedSender<Ending>);

/// What has ended, and its slot.
#[derive(Debug)]
pub(super) struct Ending {
    ended: Ended,
    slot: Slot,
    answer: oneshot::Sender<Result<bool, Slot>>,
}

/// What a claim has taken along, until its outcome is known.
#[derive(Debug)]
pub(super) struct TakenAlong {
    result: ResultId,
    slot: GivenUp,
    answer: oneshot::Sender<Result<bool, Slot>>,
}

impl Endings {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Ending>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Returns whether the result is saved (`false`: its lease was lost before), or the slot with which its step run must
    /// save it.
    pub(super) async fn offer(&self, ended: Ended, slot: Slot) -> Result<bool, Option<Slot>> {
        let (answer, told) = oneshot::channel();
        self.0.send(Ending { ended, slot, answer }).map_err(|unsent| Some(unsent.0.slot))?;
        told.await.map_err(|_| None)?.map_err(Some)
    }
}

// A step run that was dropped has no use for an answer.
impl Ending {
    /// Returns whether its platform or account is at its limit, so that others wait for this slot.
    pub(super) fn leaves_room_again(&self) -> bool {
        self.slot.is_waited_for()
    }

    /// Leaves the save to the step run.
    pub(super) fn decline(self) {
        let _ = self.answer.send(Err(self.slot));
    }

    /// Frees the slot, and returns what the claim is to save.
    pub(super) fn take_along(self) -> (Ended, TakenAlong) {
        let taken =
            TakenAlong { result: self.ended.result(), slot: self.slot.give_up(), answer: self.answer };
        (self.ended, taken)
    }
}

impl TakenAlong {
    /// The claim has saved it, unless its lease is among those that were lost.
    pub(super) fn settle(self, lost: &[ResultId]) {
        let _ = self.answer.send(Ok(!lost.contains(&self.result)));
    }

    /// The claim failed, and the step run must save it.
    pub(super) fn give_back(self) {
        let _ = self.answer.send(Err(self.slot.take_back()));
    }
}
