//! Another attempt: when a video is started again, and how often.

use super::checkpoint::{Clip, Step};
use super::replies::plain;
use crate::http::Reply;
use crate::platform::{Disposition, PlatformError, Progress};

/// How many videos a result may start: the first, and one more if the one before provably published nothing.
const MOST_VIDEOS: u8 = 2;

/// Returns the error after bytes failed too often.
pub(super) fn interrupted(reply: &Reply) -> PlatformError {
    let message = "The upload to Facebook kept getting interrupted. Check that the video's server is fast enough and try again.";
    plain("upload_interrupted", message, Disposition::Retry { after: None }, reply)
}

/// Starts again with another video, unless that happened often enough. The one before was never visible.
pub(super) fn anew(clip: &Clip, mut error: PlatformError) -> Progress<Step> {
    let tries = clip.tries.saturating_add(1);
    if matches!(error.disposition, Disposition::Retry { .. }) && tries >= MOST_VIDEOS {
        error.disposition = Disposition::Permanent;
    }
    Progress::Restart(Step::Start { tries }, error)
}

/// Reports whether Graph does not find it, which may pass.
pub(super) fn is_hidden(error: &PlatformError) -> bool {
    error.code == "100/33"
}
