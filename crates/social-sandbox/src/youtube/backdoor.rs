//! YouTube's state, for tests.

use super::channel::Uploads;
use super::video::Stage;
use super::world::World;
use crate::sandbox::Sandbox;

/// Reads and changes YouTube's state without HTTP.
#[derive(Debug, Clone, Copy)]
pub struct YouTube<'sandbox> {
    pub(crate) sandbox: &'sandbox Sandbox,
}

impl YouTube<'_> {
    /// Returns the id of the channel with this handle, created with its own Google account if missing.
    #[must_use]
    pub fn create_channel(&self, handle: &str) -> String {
        self.sandbox.change(|state, _| state.youtube.channel_named(handle).id.clone())
    }

    /// Sets how this channel treats the requested privacy of uploads.
    pub fn set_uploads(&self, channel: &str, uploads: Uploads) {
        let id = self.channel_id(channel);
        self.sandbox.change(|state, _| {
            if let Some(channel) = id.and_then(|id| state.youtube.channels.get_mut(&id)) {
                channel.uploads = uploads;
            }
        });
    }

    /// Returns the id of a handle; an id is returned unchanged.
    #[must_use]
    pub fn channel_id(&self, channel: &str) -> Option<String> {
        self.sandbox.find::<World>(channel)
    }

    /// Expires every upload session, also finished ones.
    pub fn expire_sessions(&self) {
        self.sandbox.change(|state, _| state.youtube.sessions.clear());
    }

    /// Deletes a video, as its owner.
    pub fn delete(&self, video: &str) {
        self.sandbox.change(|state, _| {
            if let Some(video) = state.youtube.videos.get_mut(video) {
                video.stage = Stage::Deleted;
            }
        });
    }
}
