//! The endpoint `PATCH /social-posts/{id}`: changes a post before it starts, or after it has failed.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::draft::{
    Named, Shared, check_lateness, check_texts, check_time, check_url, refuse, unknown_account,
};
use super::error::ApiError;
use super::known::Known;
use crate::clock::{Timestamp, rfc3339_or_null};
use crate::model::{self, Account, Origin, OwnerId, Post, PostId, StateName};
use crate::oauth::Flow;
use crate::platform::{Draft, NewResult, PlatformOptions, Problem, Severity};
use crate::store::{Changed, PostEdit};

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
    #[serde(default, deserialize_with = "rfc3339_or_null")]
    #[schema(value_type = Option<String>, format = DateTime)]
    publish_at: Option<Timestamp>,
    /// Seconds after `publishAt` in which it may still go out.
    #[schema(minimum = 60, maximum = 31_622_400)]
    max_lateness: Option<i64>,
    /// Results that wait or have failed. Each replaces the caption, the options and the consent of its account's.
    #[schema(value_type = Option<Vec<NewResult>>, min_items = 1, max_items = 50)]
    results: Option<Vec<Map<String, Value>>>,
}

impl PostChange {
    /// Whether nothing but the video's address changes.
    fn is_address_only(&self) -> bool {
        let Self { version: _, video_url: _, caption, title, publish_at, max_lateness, results } = self;
        results.is_none()
            && caption.is_none()
            && title.is_none()
            && publish_at.is_none()
            && max_lateness.is_none()
    }

    /// Makes the change.
    pub(super) async fn apply(
        mut self,
        flow: &Flow,
        known: &Known,
        owner: &OwnerId,
        post: PostId,
        origin: &Origin,
    ) -> Result<Changed, ApiError> {
        let now = flow.clock.now();
        if let Some(url) = &self.video_url {
            check_url(url, flow.config.mode)?;
        }
        check_texts(self.caption.as_deref(), self.title.as_deref(), None)?;
        check_time(self.publish_at, now)?;
        let named = self.results.take().map(Named::read_all).transpose()?;
        let store = &flow.store;
        // A new URL alone cannot cause a problem of the text or the options.
        if named.is_none() && self.is_address_only() {
            return Ok(store.edit_post(owner, post, &self.to_edit(None), origin).await?);
        }
        let named = named.unwrap_or_default();
        // What is wrong for what is known may be right for what it has become.
        if let Some((before, accounts)) = known.draft(owner, post, self.version)
            && let Ok(results) = self.check(flow, named.clone(), &accounts, &before, now)
            && let Some(changed) =
                store.edit_post_as_seen(owner, post, &self.to_edit(results), origin, &accounts).await?
        {
            return Ok(changed);
        }
        let (before, accounts) = store.draft(owner, post).await?.ok_or_else(ApiError::not_found)?;
        known.accounts.remember(&accounts);
        let results = self.check(flow, named, &accounts, &before, now)?;
        Ok(store.edit_post(owner, post, &self.to_edit(results), origin).await?)
    }

    /// Checks the change against the post and its accounts. Returns the new results, if there are any.
    fn check(
        &self,
        flow: &Flow,
        named: Vec<Named>,
        accounts: &[Account],
        before: &Post,
        now: Timestamp,
    ) -> Result<Option<Vec<model::NewResult>>, ApiError> {
        // A failed result may be edited at any time: its retry does not depend on when it was due.
        if self.publish_at.is_some() || self.max_lateness.is_some() {
            check_lateness(
                self.max_lateness.or(before.max_lateness),
                Some(self.publish_at.unwrap_or(before.publish_at)),
                now,
            )?;
        }
        let drafted: HashSet<Uuid> = named.iter().map(|result| result.account).collect();
        self.check_others(flow, accounts, before, &drafted, now)?;
        if named.is_empty() {
            return Ok(None);
        }
        self.check_results(flow, named, accounts, before, now).map(Some)
    }

    fn to_edit(&self, results: Option<Vec<model::NewResult>>) -> PostEdit {
        PostEdit {
            version: self.version,
            video_url: self.video_url.clone(),
            caption: self.caption.clone(),
            title: self.title.clone(),
            publish_at: self.publish_at,
            max_lateness: self.max_lateness,
            results,
        }
    }

    /// Checks new results as at creation. Their accounts may wait for a reconnection.
    fn check_results(
        &self,
        flow: &Flow,
        named: Vec<Named>,
        accounts: &[Account],
        post: &Post,
        now: Timestamp,
    ) -> Result<Vec<model::NewResult>, ApiError> {
        let shared = Shared {
            caption: self.caption.as_deref().unwrap_or(&post.caption),
            title: self.title.as_deref().or(post.title.as_deref()),
            due: self.publish_at.unwrap_or(post.publish_at).max(now),
            ai_generated: post.ai_generated,
        };
        let check = |(at, named): (usize, Named)| {
            let account = accounts.iter().find(|account| account.id.0 == named.account);
            let account = account.ok_or_else(|| unknown_account(at))?;
            let (result, _, problems) = named.check(at, flow, account, &shared)?;
            match problems.iter().find(|problem| problem.severity == Severity::Error) {
                Some(problem) => Err(refuse(problem)),
                None => Ok(result),
            }
        };
        named.into_iter().enumerate().map(check).collect()
    }

    /// Checks what the edit does to the results that keep their options, as at creation. Earlier problems, such as a scope that
    /// was withdrawn meanwhile, do not prevent other changes.
    fn check_others(
        &self,
        flow: &Flow,
        accounts: &[Account],
        post: &Post,
        drafted: &HashSet<Uuid>,
        now: Timestamp,
    ) -> Result<(), ApiError> {
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
            // `check_results` checks a new result in full.
            if result.state == StateName::Cancelled || drafted.contains(&result.account_id.0) {
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
