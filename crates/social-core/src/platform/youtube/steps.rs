//! YouTube's state machine.

use super::calls::{ask_call, channel_call, open_call, search_call, upload_call, videos_call};
use super::checkpoint::{Step, begin};
use super::facts::YouTube;
use super::options::{Context, Publication};
use super::processing::{self, Asked};
use super::{search, upload};
use crate::config::PlatformSettings;
use crate::http::{Call, Reply};
use crate::platform::{PlatformError, Progress, Shows, Steps};

impl Steps for YouTube {
    type Step = Step;

    fn name(&self, step: &Step) -> &'static str {
        match step {
            Step::Channel => "channel",
            Step::Open { .. } => "open",
            Step::Upload(_) => "upload",
            Step::Ask(_) => "ask",
            Step::Search { .. } => "search",
            Step::Compare { .. } => "compare",
            Step::Poll { .. } => "poll",
        }
    }

    fn shows(&self, step: &Step) -> Shows {
        match step {
            Step::Channel | Step::Open { .. } => Shows::default(),
            Step::Upload(upload) | Step::Ask(upload) => {
                Shows { committed: upload.whole_sent, bytes_sent: Some(upload.offset), ..Shows::default() }
            }
            Step::Search { .. } | Step::Compare { .. } => Shows { committed: true, ..Shows::default() },
            Step::Poll { video, .. } => {
                Shows { committed: true, publish_id: Some(video.clone()), ..Shows::default() }
            }
        }
    }

    fn first(&self, publication: &Publication<'_>, _: &PlatformSettings) -> Step {
        begin(publication)
    }

    fn call(&self, step: &Step, cx: &Context<'_>) -> Call {
        match step {
            Step::Channel => channel_call(cx.settings, cx.token, "status"),
            Step::Open { .. } => open_call(cx),
            Step::Upload(upload) => upload_call(upload, cx),
            Step::Ask(upload) => ask_call(upload, cx),
            Step::Search { .. } => search_call(cx),
            Step::Compare { ids, .. } => videos_call(cx, "snippet,status,fileDetails", &ids.join(",")),
            Step::Poll { video, .. } => videos_call(cx, "status,processingDetails", video),
        }
    }

    fn advance(&self, step: Step, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
        match step {
            Step::Channel => upload::read_channel(reply),
            Step::Open { opens } => upload::read_session(opens, reply, cx),
            Step::Upload(upload) => upload::read_chunk(&upload, reply, cx),
            Step::Ask(upload) => upload::read_state(upload, reply, cx),
            Step::Search { session, waited } => search::read_uploads(session, waited, reply),
            Step::Compare { session, waited, .. } => search::read_candidates(session, waited, reply, cx),
            Step::Poll { video, opens, waited, missing, seen } => {
                processing::read(Asked { video, opens, waited, missing, seen }, reply, cx)
            }
        }
    }

    fn reconcile(&self, step: &Step, _refusal: Option<&PlatformError>) -> Option<Step> {
        match step {
            Step::Upload(upload) => Some(Step::Ask(upload::doubted(upload))),
            Step::Channel
            | Step::Open { .. }
            | Step::Ask(_)
            | Step::Search { .. }
            | Step::Compare { .. }
            | Step::Poll { .. } => Some(step.clone()),
        }
    }
}
