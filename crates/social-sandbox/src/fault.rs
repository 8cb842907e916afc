//! Faults that a test or a person requests.

use crate::place::Place;
use crate::platforms;
use serde::{Deserialize, Serialize};

/// One fault at one endpoint, a number of times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// The platform's name, such as `youtube`.
    #[serde(default = "first")]
    pub platform: String,
    /// One of the platform's endpoint names, see `ENDPOINTS` of its module.
    pub endpoint: String,
    /// The kind of fault.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// How many matching calls pass first.
    #[serde(default)]
    pub skip: u32,
    /// How many calls it affects after that.
    #[serde(default = "once")]
    pub times: u32,
    /// Only calls of this account, by user name or by the platform's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// The effect on a call, or on the publication it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FaultKind {
    /// An error in the platform's own format; nothing happened.
    Status {
        /// The HTTP status.
        status: u16,
        /// The platform's error code.
        #[serde(default = "internal_error")]
        code: String,
        /// Seconds for a `Retry-After` header.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// The call takes effect, but the response is an error in the platform's own format.
    StatusAfter {
        /// The HTTP status.
        status: u16,
        /// The platform's error code.
        #[serde(default = "internal_error")]
        code: String,
    },
    /// Only a status; nothing happened.
    Bare {
        /// The HTTP status.
        status: u16,
    },
    /// The call takes effect, but the response is only a status.
    BareAfter {
        /// The HTTP status.
        status: u16,
    },
    /// A gateway's HTML page instead of the platform's JSON; nothing happened.
    Html {
        /// The HTTP status.
        status: u16,
    },
    /// Part of an upload's bytes is received, then the connection ends without a response.
    Cut {
        /// How many bytes of the body.
        bytes: u64,
    },
    /// The call takes effect; half of the response arrives, then the connection ends.
    Truncated,
    /// The connection ends without a response; nothing happened.
    HangUpBefore,
    /// The call takes effect; the connection ends without a response.
    HangUpAfter,
    /// The call takes effect at once; the response comes late.
    Delay {
        /// The delay in milliseconds.
        ms: u64,
    },
    /// The publication fails for this reason.
    FailReason {
        /// The platform's name of the reason.
        reason: String,
    },
    /// The publication stays in processing for this many more status checks.
    SlowProcessing {
        /// Status checks in addition to the configured ones.
        polls: u32,
    },
    /// The next status check of the publication returns an unknown status.
    UnknownStatus,
    /// The upload continues at another URL, which the response names.
    Moved,
}

/// What a fault affects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Call,
    Body,
    Publication,
}

impl FaultKind {
    fn victim(&self) -> Victim {
        match self {
            Self::FailReason { .. } | Self::SlowProcessing { .. } | Self::UnknownStatus | Self::Moved => {
                Victim::Publication
            }
            Self::Cut { .. } => Victim::Body,
            Self::Status { .. }
            | Self::StatusAfter { .. }
            | Self::Bare { .. }
            | Self::BareAfter { .. }
            | Self::Html { .. }
            | Self::Truncated
            | Self::HangUpBefore
            | Self::HangUpAfter
            | Self::Delay { .. } => Victim::Call,
        }
    }
}

impl FaultKind {
    /// Applies the fault of a publication: it slows the processing, or hides the status. Returns the reason if the
    /// publication fails.
    pub(crate) fn apply(self, processing_polls: &mut u32, unknown_polls: &mut u32) -> Option<String> {
        match self {
            Self::FailReason { reason } => return Some(reason),
            Self::SlowProcessing { polls } => *processing_polls = processing_polls.saturating_add(polls),
            Self::UnknownStatus => *unknown_polls = unknown_polls.saturating_add(1),
            Self::Status { .. }
            | Self::StatusAfter { .. }
            | Self::Bare { .. }
            | Self::BareAfter { .. }
            | Self::Html { .. }
            | Self::Truncated
            | Self::Cut { .. }
            | Self::Moved
            | Self::HangUpBefore
            | Self::HangUpAfter
            | Self::Delay { .. } => {}
        }
        None
    }
}

impl Fault {
    /// Returns a TikTok fault that happens once, to the next call of any account.
    #[must_use]
    pub fn tiktok(endpoint: &str, kind: FaultKind) -> Self {
        Self::of("tiktok", endpoint, kind)
    }

    /// Returns the same for YouTube.
    #[must_use]
    pub fn youtube(endpoint: &str, kind: FaultKind) -> Self {
        Self::of("youtube", endpoint, kind)
    }

    /// Returns the same for any platform.
    #[must_use]
    pub fn of(platform: &str, endpoint: &str, kind: FaultKind) -> Self {
        let (platform, endpoint) = (platform.into(), endpoint.into());
        Self { platform, endpoint, kind, skip: 0, times: 1, account: None }
    }

    /// Reports whether some platform has such an endpoint.
    pub(crate) fn can_happen(&self) -> bool {
        platforms::find(&self.platform)
            .is_some_and(|simulator| simulator.endpoints.contains(&self.endpoint.as_str()))
    }

    /// Returns the same fault after `skip` calls that pass.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Returns the same fault for `times` calls.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Returns the same fault for one account only.
    #[must_use]
    pub fn only(mut self, account: &str) -> Self {
        self.account = Some(account.into());
        self
    }

    fn concerns(&self, place: &Place) -> bool {
        let account = self.account.as_deref();
        self.platform == place.platform
            && place.names.contains(&self.endpoint.as_str())
            && account.is_none_or(|name| place.account.as_ref().is_some_and(|who| who.is(name)))
    }
}

/// The remaining faults, oldest first.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn list(&self) -> &[Fault] {
        &self.0
    }

    /// Removes the first fault that now affects this call.
    pub(crate) fn take_for_call(&mut self, place: &Place) -> Option<FaultKind> {
        self.take(place, Victim::Call)
    }

    /// Removes all faults that now affect the publication of this call.
    pub(crate) fn take_for_outcome(&mut self, place: &Place) -> Vec<FaultKind> {
        std::iter::from_fn(|| self.take(place, Victim::Publication)).collect()
    }

    /// Returns after how many bytes the body of this call is cut off.
    pub(crate) fn take_cut(&mut self, place: &Place) -> Option<u64> {
        let FaultKind::Cut { bytes } = self.take(place, Victim::Body)? else { return None };
        Some(bytes)
    }

    fn take(&mut self, place: &Place, victim: Victim) -> Option<FaultKind> {
        let mut taken = None;
        for fault in &mut self.0 {
            if taken.is_some() || fault.times == 0 || fault.kind.victim() != victim || !fault.concerns(place)
            {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            fault.times -= 1;
            taken = Some(fault.kind.clone());
        }
        self.0.retain(|fault| fault.times > 0);
        taken
    }
}

fn first() -> String {
    "tiktok".into()
}

fn once() -> u32 {
    1
}

fn internal_error() -> String {
    "internal_error".into()
}
