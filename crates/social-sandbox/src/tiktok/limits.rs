//! The numbers that TikTok documents, and others. All can be changed while the sandbox runs.

use super::envelope::Refusal;
use crate::clock::SECOND;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};

/// Rates, quotas, lifetimes and the duration of processing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Limits {
    /// Each kind of init, per token and minute.
    pub inits_per_minute: usize,
    /// `creator_info` calls per token and minute.
    pub creator_infos_per_minute: usize,
    /// Status calls, and cancels, per token and minute.
    pub statuses_per_minute: usize,
    /// User info and video list calls per token and minute.
    pub reads_per_minute: usize,
    /// Direct posts per creator in 24 hours.
    pub posts_per_day: usize,
    /// Drafts in 24 hours that the creator has not finished.
    pub pending_drafts: usize,
    /// Creators who may post directly in 24 hours; without a number, 5 for an unaudited app.
    pub active_users: Option<usize>,
    /// How long an authorization code is valid.
    pub code_seconds: u32,
    /// How long an access token is valid.
    pub access_token_seconds: u32,
    /// How long a refresh token is valid.
    pub refresh_token_seconds: u32,
    /// How long an upload URL is valid.
    pub upload_url_seconds: u32,
    /// The number of "processing" responses after all bytes have arrived.
    pub processing_polls: u32,
    /// The number of "complete" responses of a public post without the post's id.
    pub post_id_polls: u32,
    /// Sandbox time after which processing also ends without status checks, noticed when the clock is moved.
    pub processing_seconds: u32,
    /// The meaning of `{UPLOADED_BYTES}` in a `Content-Range` response.
    pub uploaded_bytes: Progress,
    /// The format of post ids in a status.
    pub post_ids: IdForm,
    /// Whether a refresh replaces the refresh token.
    pub refresh_tokens: Rotation,
    /// The HTTP status of OAuth errors; TikTok does not document it.
    pub oauth_error_status: u16,
}

/// The meaning of `bytes 0-N/total`, which TikTok's page leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Progress {
    /// `N` is the number of bytes stored.
    Count,
    /// `N` is the index of the last byte stored.
    LastIndex,
}

/// The format of an id in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IdForm {
    /// As an integer above 2^53.
    Number,
    /// As text.
    Text,
}

/// The effect of a refresh on the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rotation {
    /// A new one each time; the old one ends.
    Always,
    /// The same one again.
    Never,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inits_per_minute: 6,
            creator_infos_per_minute: 20,
            statuses_per_minute: 30,
            reads_per_minute: 600,
            posts_per_day: 15,
            pending_drafts: 5,
            active_users: None,
            code_seconds: 600,
            access_token_seconds: 86_400,
            refresh_token_seconds: 31_536_000,
            upload_url_seconds: 3_600,
            processing_polls: 2,
            post_id_polls: 1,
            processing_seconds: 60,
            uploaded_bytes: Progress::Count,
            post_ids: IdForm::Number,
            refresh_tokens: Rotation::Always,
            oauth_error_status: 400,
        }
    }
}

impl Limits {
    /// Returns limits that never apply: for soak tests.
    #[must_use]
    pub fn unlimited() -> Self {
        Self {
            inits_per_minute: usize::MAX,
            creator_infos_per_minute: usize::MAX,
            statuses_per_minute: usize::MAX,
            reads_per_minute: usize::MAX,
            posts_per_day: usize::MAX,
            pending_drafts: usize::MAX,
            active_users: Some(usize::MAX),
            ..Self::default()
        }
    }
}

/// The times of each token's calls to each endpoint within the last minute.
#[derive(Debug, Default)]
pub(crate) struct Windows(HashMap<(String, &'static str), VecDeque<i64>>);

/// How many windows are kept before those of inactive tokens are removed.
const WINDOWS: usize = 4_096;

impl Windows {
    pub(crate) fn pass(
        &mut self,
        token: &str,
        endpoint: &'static str,
        now: i64,
        per_minute: usize,
    ) -> Result<(), Refusal> {
        if per_minute == usize::MAX {
            return Ok(());
        }
        let minute_ago = now.saturating_sub(60 * SECOND);
        if self.0.len() > WINDOWS {
            self.0.retain(|_, times| times.back().is_some_and(|time| *time > minute_ago));
        }
        let times = self.0.entry((token.to_owned(), endpoint)).or_default();
        while times.front().is_some_and(|time| *time <= minute_ago) {
            times.pop_front();
        }
        if times.len() >= per_minute {
            return Err(Refusal::new(429, "rate_limit_exceeded", "The API rate limit was exceeded."));
        }
        times.push_back(now);
        Ok(())
    }
}
