//! What a platform accepts: the checks of a draft, without I/O.

use std::fmt::Debug;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::video::{Limits, VideoFacts};

/// A user's request for one account, before it is a post.
#[derive(Debug)]
pub struct Draft<'a, O = ()> {
    /// The caption.
    pub caption: &'a str,
    /// The title.
    pub title: Option<&'a str>,
    /// The platform's own options.
    pub options: &'a O,
    /// The granted scopes.
    pub scopes: &'a [String],
    /// When to publish: now, or later.
    pub due: Timestamp,
}

impl<'a> Draft<'a> {
    /// Returns the same draft with a platform's options.
    pub(super) fn with<O>(&self, options: &'a O) -> Draft<'a, O> {
        let Self { caption, title, scopes, due, .. } = *self;
        Draft { caption, title, options, scopes, due }
    }
}

impl<O> Draft<'_, O> {
    /// Reports whether the account has a scope.
    pub(super) fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

/// Whether a problem prevents a draft from being published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It does.
    Error,
    /// It does not, but the owner should know.
    Warning,
}

/// What is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its severity.
    pub severity: Severity,
    /// The field, as in the request: `caption`, or an option such as `tiktok.privacy_level`.
    pub field: String,
    /// The stable code.
    pub code: &'static str,
    /// What is wrong and how to fix it.
    pub message: String,
}

impl Problem {
    /// Returns a problem that prevents publication.
    pub(crate) fn error(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, field: field.into(), code, message: message.into() }
    }

    /// Returns a problem that the owner should know.
    pub(super) fn warning(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(field, code, message) }
    }

    /// Names the field as the request does. The post's own caption and title are fields of the post, every
    /// other field belongs to the result.
    pub fn place(&mut self, at: usize, has_own_caption: bool) {
        let is_posts = self.field == "title" || self.field == "caption" && !has_own_caption;
        if !is_posts {
            self.field = format!("results[{at}].{}", self.field);
        }
    }
}

/// A platform's options of one result, in the platform's own spelling.
///
/// Each member is an `Option` and is skipped when absent. So the program stores and shows what the user gave.
pub trait Options:
    Serialize + DeserializeOwned + Default + Debug + Clone + PartialEq + Send + Sync + 'static
{
    /// Returns the option that labels a video as AI-generated.
    fn ai_label(&mut self) -> &mut Option<bool>;
}

/// What a platform accepts.
pub trait Rules: Send + Sync + 'static {
    /// Its options, in its own spelling.
    type Options: Options;

    /// Returns the problems of a draft; none, if it can be published.
    fn check(&self, draft: &Draft<'_, Self::Options>) -> Vec<Problem>;
    /// Returns the limits of the format that these options select: one of the platform's own formats.
    fn limits(&self, options: &Self::Options, facts: &VideoFacts) -> &'static Limits;
    /// Returns the longest video that the account may post now with these options, if its posting options
    /// name it.
    fn longest(&self, _options: &Self::Options, _choices: &Value) -> Option<Duration> {
        None
    }
    /// Reports whether the account's posting options matter with these options.
    fn has_choices(&self, _options: &Self::Options) -> bool {
        true
    }
    /// Returns the problems of options, compared with the account's posting options.
    fn check_choices(&self, _options: &Self::Options, _choices: &Value) -> Vec<Problem> {
        Vec::new()
    }
}
