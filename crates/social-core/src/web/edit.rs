//! The endpoint `PATCH /social-posts/{id}`: changes a post before it starts, or after it has failed.

use serde::Deserialize;
use utoipa::ToSchema;

use super::draft::{check_lateness, check_texts, check_time, check_url, refuse};
use super::error::ApiError;
use super::post_changes::changed;
use super::post_view::PostView;
use crate::clock::Timestamp;
use crate::model::{Account, OwnerId, Post, PostId, StateName};
use crate::oauth::Flow;
use crate::platform::{Draft, PlatformOptions, Problem, Severity};
use crate::store::PostEdit;

/// The new values of a post. An absent or `null` member keeps the old one.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PostChange {
    /// The version that you read. Another one is a conflict.
    version: i64,
    /// Another video, which is inspected again.
    #[schema(format = Uri, max_length = 4096)]
    video_url: Option<String>,
    /// The caption, for results without their own.
    #[schema(max_length = 50000)]
    caption: Option<String>,
    /// The title.
    #[schema(max_length = 500)]
    title: Option<String>,
    /// When to publish, at most two years ahead.
    #[schema(value_type = Option<String>, format = DateTime)]
    publish_at: Option<Timestamp>,
    /// Seconds after `publishAt` in which it may still go out.
    #[schema(minimum = 60, maximum = 31_622_400)]
    max_lateness: Option<i64>,
}

impl PostChange {
    /// Whether nothing but the video's address changes.
    fn is_address_only(&self) -> bool {
        let Self { version: _, video_url: _, caption, title, publish_at, max_lateness } = self;
        caption.is_none() && title.is_none() && publish_at.is_none() && max_lateness.is_none()
    }

    /// Makes the change.
    pub(super) async fn apply(
        self,
        flow: &Flow,
        owner: &OwnerId,
        post: PostId,
    ) -> Result<PostView, ApiError> {
        let now = flow.clock.now();
        if let Some(url) = &self.video_url {
            check_url(url, flow.config.mode)?;
        }
        check_texts(self.caption.as_deref(), self.title.as_deref(), None)?;
        check_time(self.publish_at, now)?;
        // A new URL alone cannot cause a problem of the text or the options.
        if !self.is_address_only() {
            let (before, accounts) = flow.store.draft(owner, post).await?.ok_or_else(ApiError::not_found)?;
            // A failed result may be edited at any time: its retry does not depend on when it was due.
            if self.publish_at.is_some() || self.max_lateness.is_some() {
                check_lateness(
                    self.max_lateness.or(before.max_lateness),
                    Some(self.publish_at.unwrap_or(before.publish_at)),
                    now,
                )?;
            }
            self.check(flow, &accounts, &before, now)?;
        }
        let edit = PostEdit {
            version: self.version,
            video_url: self.video_url,
            caption: self.caption,
            title: self.title,
            publish_at: self.publish_at,
            max_lateness: self.max_lateness,
        };
        changed(flow.store.edit_post(owner, post, &edit).await?)
    }

    /// Returns the problems that an edit causes, as creation would. Earlier problems, such as a scope that
    /// was withdrawn meanwhile, do not prevent other changes.
    fn check(&self, flow: &Flow, accounts: &[Account], post: &Post, now: Timestamp) -> Result<(), ApiError> {
        let caption = self.caption.as_deref().unwrap_or(&post.caption);
        let title = self.title.as_deref().or(post.title.as_deref());
        for (at, result) in post.results.iter().enumerate() {
            let account = accounts.iter().find(|account| account.id == result.account_id);
            // Options that cannot be read are no reason to refuse: the worker waits until it can read them.
            let options = PlatformOptions::read(&result.platform, &result.options);
            let (Some(account), Some(_), Ok(options)) = (account, flow.platform(&result.platform), options)
            else {
                continue;
            };
            if result.state == StateName::Cancelled {
                continue;
            }
            let errors = |caption: &str, title: Option<&str>, due: Timestamp| {
                let caption = result.caption.as_deref().unwrap_or(caption);
                let draft =
                    Draft { caption, title, options: &(), scopes: &account.scopes, due: due.max(now) };
                let is_error = |problem: &Problem| problem.severity == Severity::Error;
                options.check(&draft).into_iter().filter(is_error).collect::<Vec<_>>()
            };
            let old = errors(&post.caption, post.title.as_deref(), post.publish_at);
            let is_new = |problem: &Problem| {
                !old.iter().any(|known| known.code == problem.code && known.field == problem.field)
            };
            if let Some(mut problem) =
                errors(caption, title, self.publish_at.unwrap_or(post.publish_at)).into_iter().find(is_new)
            {
                problem.place(at, result.caption.is_some());
                return Err(refuse(&problem));
            }
        }
        Ok(())
    }
}
