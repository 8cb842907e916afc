//! YouTube's state, for tests.

use super::channel::{Channel, Uploads};
use super::limits::Limits;
use super::video::{Published, Stage};
use crate::sandbox::Sandbox;

/// Reads and changes YouTube's state without HTTP.
#[derive(Debug, Clone, Copy)]
pub struct YouTube<'sandbox> {
    sandbox: &'sandbox Sandbox,
}

impl<'sandbox> YouTube<'sandbox> {
    pub(crate) fn of(sandbox: &'sandbox Sandbox) -> Self {
        Self { sandbox }
    }

    /// Returns everything published, oldest first. It includes videos in processing that nothing can stop.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.sandbox.read(|state, now| {
            let world = &state.youtube;
            let all = world.order.iter().filter_map(|id| world.videos.get(id));
            all.filter_map(|video| video.published(&world.channels.get(&video.channel)?.handle, now))
                .collect()
        })
    }

    /// Returns how often an endpoint was called, with any outcome; see [`super::ENDPOINTS`].
    #[must_use]
    pub fn calls(&self, endpoint: &str) -> u64 {
        self.sandbox.calls(super::PLATFORM, endpoint)
    }

    /// Returns the id of the channel with this handle, created with its own Google account if missing.
    #[must_use]
    pub fn create_channel(&self, handle: &str) -> String {
        self.sandbox.change(|state, _| state.youtube.channel_named(handle).id.clone())
    }

    /// Sets how this channel treats the requested privacy of uploads.
    pub fn set_uploads(&self, channel: &str, uploads: Uploads) {
        self.with(channel, |channel| channel.uploads = uploads);
    }

    /// Returns the id of a handle; an id is returned unchanged.
    #[must_use]
    pub fn channel_id(&self, channel: &str) -> Option<String> {
        self.sandbox.read(|state, _| {
            let world = &state.youtube;
            let known = world.channels.get(channel).or_else(|| world.by_handle(channel));
            known.map(|channel| channel.id.clone())
        })
    }

    /// Expires the channel's access tokens. Returns whether there is such a channel.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its channels need not look")]
    pub fn expire_tokens(&self, channel: &str) -> bool {
        let Some(id) = self.channel_id(channel) else { return false };
        self.sandbox.change(|state, now| state.youtube.expire_access(&id, now));
        true
    }

    /// Expires the channel's refresh tokens. Returns whether there is such a channel.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its channels need not look")]
    pub fn expire_refresh_tokens(&self, channel: &str) -> bool {
        let Some(id) = self.channel_id(channel) else { return false };
        self.sandbox.change(|state, now| state.youtube.expire_refresh(&id, now));
        true
    }

    /// Expires every upload session, also finished ones.
    pub fn expire_sessions(&self) {
        self.sandbox.change(|state, _| state.youtube.sessions.clear());
    }

    /// Ends the grants of the channel's owner, as they would in their Google account, also for their other
    /// channels. Returns whether there is such a channel.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its channels need not look")]
    pub fn revoke(&self, channel: &str) -> bool {
        let owner = self.with(channel, |channel| channel.owner.clone());
        let Some(owner) = owner else { return false };
        self.sandbox.change(|state, _| state.youtube.revoke(&owner));
        true
    }

    /// Deletes a video, as its owner.
    pub fn delete(&self, video: &str) {
        self.sandbox.change(|state, _| {
            if let Some(video) = state.youtube.videos.get_mut(video) {
                video.stage = Stage::Deleted;
            }
        });
    }

    /// Returns the limits.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.sandbox.read(|state, _| state.youtube.limits.clone())
    }

    /// Replaces the limits.
    pub fn set_limits(&self, limits: Limits) {
        self.sandbox.change(|state, _| state.youtube.limits = limits);
    }

    fn with<R>(self, channel: &str, work: impl FnOnce(&mut Channel) -> R) -> Option<R> {
        let id = self.channel_id(channel)?;
        self.sandbox.change(|state, _| state.youtube.channels.get_mut(&id).map(work))
    }
}
