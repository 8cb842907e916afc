//! What became of a change to a post.

use super::codes::codes;
use super::error::ApiError;
use super::post_view::PostView;
use crate::store::Changed;

codes! {
    /// The state of the post does not allow it.
    StateCode {
        VersionConflict = 409 "version_conflict" "This post was changed in another window. Reload it and make your change again.",
        AlreadyBegun = 409 "already_begun" "Publishing has started, so you can't change this post any more.",
        NothingToCancel = 409 "nothing_to_cancel" "It's too late to cancel this post.",
        NothingToRetry = 409 "nothing_to_retry" "Nothing in this post has failed, so there is nothing to retry.",
        NotInDoubt = 409 "not_in_doubt" "This result isn't in doubt, so there is nothing to confirm.",
    }
}

/// Returns the changed post, or why it could not be changed.
pub(super) fn changed(changed: Changed) -> Result<PostView, ApiError> {
    match changed {
        Changed::Done(post) => Ok(PostView::from(*post)),
        Changed::Unknown => Err(ApiError::not_found()),
        Changed::Conflict(post) => {
            Err(ApiError::from(StateCode::VersionConflict).with(PostView::from(*post)))
        }
        Changed::Refused(code) => Err(match code.as_str() {
            "already_begun" => StateCode::AlreadyBegun.into(),
            "nothing_to_cancel" => StateCode::NothingToCancel.into(),
            "nothing_to_retry" => StateCode::NothingToRetry.into(),
            "not_in_doubt" => StateCode::NotInDoubt.into(),
            _ => ApiError::new(409, code, "You can't do this to the post in its current state."),
        }),
    }
}
