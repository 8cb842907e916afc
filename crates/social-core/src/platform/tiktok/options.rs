//! The options of a TikTok post, in TikTok's own spelling (Content Posting API, direct post reference).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::facts::TikTok;
use super::limits;
use crate::platform::options::one_of;
use crate::platform::text::{cut, utf16};
use crate::platform::{CallContext, Draft, Problem, Rules};
use crate::video::{Limits, VideoFacts};

/// 2200 UTF-16 code units: the limit of a `title`, TikTok's name for the caption of a video.
const CAPTION_UNITS: usize = 2200;

/// The destination of a video.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = TikTokPostMode)]
pub enum PostMode {
    /// The profile.
    #[default]
    DirectPost,
    /// The account's inbox, where its owner finishes the post in the app.
    MediaUpload,
}

/// Who can see a video.
const PRIVACY_LEVELS: [&str; 4] =
    ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"];

fn privacy_level() -> Object {
    one_of(&PRIVACY_LEVELS)
}

/// TikTok's options of one result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TikTokOptions)]
pub struct Options {
    /// Where the video goes: `DIRECT_POST` to the profile, which is the default. `MEDIA_UPLOAD` sends it to the
    /// account's inbox, where its owner finishes the post in the TikTok app.
    #[serde(skip_serializing_if = "Option::is_none")]
    post_mode: Option<PostMode>,
    /// Who can see the video. Required for `DIRECT_POST`, without a default: the person must choose one of the
    /// levels that the account's posting options offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = privacy_level, required = false)]
    pub(super) privacy_level: Option<String>,
    /// Whether the video is labelled as AI-generated. The default is no.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_aigc: Option<bool>,
    /// Whether comments are turned off. The default is no.
    #[serde(skip_serializing_if = "Option::is_none")]
    disable_comment: Option<bool>,
    /// Whether duets are turned off. The default is no.
    #[serde(skip_serializing_if = "Option::is_none")]
    disable_duet: Option<bool>,
    /// Whether stitches are turned off. The default is no.
    #[serde(skip_serializing_if = "Option::is_none")]
    disable_stitch: Option<bool>,
    /// The frame that becomes the cover, in milliseconds from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    video_cover_timestamp_ms: Option<i32>,
    /// Whether the video is a paid partnership for a third party. The default is no. Such a video cannot be
    /// `SELF_ONLY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    brand_content_toggle: Option<bool>,
    /// Whether the video promotes the creator's own business. The default is no.
    #[serde(skip_serializing_if = "Option::is_none")]
    brand_organic_toggle: Option<bool>,
}

impl crate::platform::Options for Options {
    fn ai_label(&mut self) -> &mut Option<bool> {
        &mut self.is_aigc
    }
}

impl Options {
    /// Returns where the video goes.
    pub(super) fn post_mode(&self) -> PostMode {
        self.post_mode.unwrap_or_default()
    }

    fn is_branded(&self) -> bool {
        self.brand_content_toggle.unwrap_or_default()
    }

    /// Returns the `post_info` of an init request.
    pub(super) fn post_info(&self, caption: &str) -> Value {
        let mut info = json!({
            "title": cut(caption, CAPTION_UNITS, utf16),
            "privacy_level": self.privacy_level,
            "disable_duet": self.disable_duet.unwrap_or_default(),
            "disable_stitch": self.disable_stitch.unwrap_or_default(),
            "disable_comment": self.disable_comment.unwrap_or_default(),
            "brand_content_toggle": self.is_branded(),
            "brand_organic_toggle": self.brand_organic_toggle.unwrap_or_default(),
            "is_aigc": self.is_aigc.unwrap_or_default(),
        });
        if let (Some(info), Some(cover)) = (info.as_object_mut(), self.video_cover_timestamp_ms) {
            info.insert("video_cover_timestamp_ms".to_owned(), cover.into());
        }
        info
    }

    /// Reports whether everyone can see it: only then TikTok returns the post's id.
    pub(super) fn is_public(&self) -> bool {
        self.privacy_level.as_deref() == Some("PUBLIC_TO_EVERYONE")
    }
}

/// The data for a call, with the options.
pub(super) type Context<'a> = CallContext<'a, Options>;
/// A publication, with the options.
pub(super) type Publication<'a> = crate::platform::Publication<'a, Options>;

impl Rules for TikTok {
    type Options = Options;

    fn check(&self, draft: &Draft<'_, Options>) -> Vec<Problem> {
        check(draft)
    }

    fn limits(&self, options: &Options, _: &VideoFacts) -> &'static Limits {
        match options.post_mode() {
            PostMode::MediaUpload => &limits::INBOX,
            PostMode::DirectPost => &limits::DIRECT,
        }
    }

    fn longest(&self, options: &Options, choices: &Value) -> Option<Duration> {
        let longest = choices.get("max_video_post_duration_sec").and_then(Value::as_u64);
        longest.filter(|_| self.has_choices(options)).map(Duration::from_secs)
    }

    /// A draft is finished in the app, where it can also be cut. Besides, `creator_info` requires the scope
    /// to post.
    fn has_choices(&self, options: &Options) -> bool {
        options.post_mode() == PostMode::DirectPost
    }

    fn check_choices(&self, options: &Options, choices: &Value) -> Vec<Problem> {
        check_choices(options, choices)
    }
}

fn check(draft: &Draft<'_, Options>) -> Vec<Problem> {
    let options = draft.options;
    let mut problems = Vec::new();
    let units = utf16(draft.caption);
    if units > CAPTION_UNITS && options.post_mode() == PostMode::DirectPost {
        let message = format!(
            "The caption is too long for TikTok ({units} of {CAPTION_UNITS}). The end will be cut off."
        );
        problems.push(Problem::warning("caption", "caption_cut", message));
    }
    if options.video_cover_timestamp_ms.is_some_and(|ms| ms < 0) {
        let message = "The cover's time must be 0 or more milliseconds.";
        problems.push(Problem::error("tiktok.video_cover_timestamp_ms", "invalid_option", message));
    }
    match options.post_mode() {
        PostMode::MediaUpload => {
            if !draft.has_scope("video.upload") {
                let message = "This account didn't allow drafts (video.upload). Reconnect it and allow them.";
                problems.push(Problem::error("tiktok.post_mode", "missing_scope", message));
            }
        }
        PostMode::DirectPost => {
            if draft.caption.trim().is_empty() {
                let message = "Add a caption.";
                problems.push(Problem::error("caption", "caption_empty", message));
            }
            if !draft.has_scope("video.publish") {
                let message = "This account didn't allow direct posting (video.publish). Reconnect it and allow it, or send a draft (MEDIA_UPLOAD).";
                problems.push(Problem::error("tiktok.post_mode", "missing_scope", message));
            }
            check_visibility(options, &mut problems);
        }
    }
    problems
}

/// Returns the problems of options, compared with the creator's current posting options. The worker checks
/// again before it posts.
fn check_choices(options: &Options, choices: &Value) -> Vec<Problem> {
    let offered = choices.get("privacy_level_options").and_then(Value::as_array);
    let level = options.privacy_level.as_deref().filter(|level| PRIVACY_LEVELS.contains(level));
    let (Some(offered), Some(level), PostMode::DirectPost) = (offered, level, options.post_mode()) else {
        return Vec::new();
    };
    let offered: Vec<&str> = offered.iter().filter_map(Value::as_str).collect();
    if offered.contains(&level) {
        return Vec::new();
    }
    let message =
        format!("This account doesn't offer {level} right now. Choose one of {}.", offered.join(", "));
    vec![Problem::error("tiktok.privacy_level", "privacy_level_option_mismatch", message)]
}

fn check_visibility(options: &Options, problems: &mut Vec<Problem>) {
    const FIELD: &str = "tiktok.privacy_level";
    let levels = PRIVACY_LEVELS.join(", ");
    match options.privacy_level.as_deref() {
        None => {
            let message = format!(
                "Choose who can view this video: one of {levels}, if the account's posting options offer it."
            );
            problems.push(Problem::error(FIELD, "privacy_level_missing", message));
        }
        Some(level) if !PRIVACY_LEVELS.contains(&level) => {
            problems.push(Problem::error(
                FIELD,
                "privacy_level_unknown",
                format!("The privacy level must be one of {levels}."),
            ));
        }
        Some("SELF_ONLY") if options.is_branded() => {
            let message = "Branded content visibility cannot be set to private. Choose another privacy level or turn off branded content.";
            problems.push(Problem::error(FIELD, "branded_content_private", message));
        }
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::testing;

    fn codes(options: &Value, caption: &str, scopes: &[&str]) -> Vec<&'static str> {
        testing::problems(&TikTok, options, &testing::draft(caption, scopes))
            .into_iter()
            .map(|p| p.code)
            .collect()
    }

    const ALL: &[&str] = &["video.publish", "video.upload"];

    #[test]
    fn privacy_is_chosen_by_hand_and_never_by_default() {
        assert_eq!(codes(&json!({}), "hi", ALL), ["privacy_level_missing"]);
        assert_eq!(codes(&Value::Null, "hi", ALL), ["privacy_level_missing"]);
        assert_eq!(codes(&json!({"privacy_level": "PUBLIC"}), "hi", ALL), ["privacy_level_unknown"]);
        assert!(codes(&json!({"privacy_level": "SELF_ONLY"}), "hi", ALL).is_empty());
    }

    #[test]
    fn a_level_that_the_account_does_not_offer_is_named() {
        let choices = json!({"privacy_level_options": ["SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS"]});
        let found = |options: Value| {
            let (options, _) = testing::options::<Options>("tiktok", &options);
            check_choices(&options, &choices)
        };
        assert!(found(json!({"privacy_level": "SELF_ONLY"})).is_empty());
        let problem = &found(json!({"privacy_level": "PUBLIC_TO_EVERYONE"}))[0];
        assert_eq!(
            (problem.code, problem.field.as_str()),
            ("privacy_level_option_mismatch", "tiktok.privacy_level")
        );
        // `check` reports options that are wrong in themselves, and a draft has no privacy level.
        for options in [
            json!({}),
            json!({"privacy_level": "ALL"}),
            json!({"x": 1}),
            json!({"post_mode": "MEDIA_UPLOAD", "privacy_level": "PUBLIC_TO_EVERYONE"}),
        ] {
            assert!(found(options).is_empty());
        }
    }

    #[test]
    fn branded_content_is_never_private() {
        let options = json!({"privacy_level": "SELF_ONLY", "brand_content_toggle": true});
        assert_eq!(codes(&options, "hi", ALL), ["branded_content_private"]);
    }

    #[test]
    fn the_caption_is_counted_in_utf16_units() {
        let options = json!({"privacy_level": "SELF_ONLY"});
        assert!(codes(&options, &"é".repeat(2200), ALL).is_empty());
        assert!(codes(&options, &"🎬".repeat(1100), ALL).is_empty());
        assert_eq!(codes(&options, &"🎬".repeat(1101), ALL), ["caption_cut"]);
        assert_eq!(codes(&options, "  ", ALL), ["caption_empty"]);
    }

    #[test]
    fn an_unknown_option_is_named() {
        let options = json!({"privacy": "SELF_ONLY"});
        let found = testing::problems(&TikTok, &options, &testing::draft("hi", &["video.publish"]));
        assert!(found[0].message.contains("`privacy`"), "{found:?}");
    }

    #[test]
    fn each_mode_needs_its_own_scope() {
        let draft = json!({"post_mode": "MEDIA_UPLOAD"});
        assert_eq!(codes(&draft, "", &["video.publish"]), ["missing_scope"]);
        assert!(codes(&draft, "", &["video.upload"]).is_empty());
        assert_eq!(codes(&json!({"privacy_level": "SELF_ONLY"}), "hi", &["video.upload"]), ["missing_scope"]);
    }
}
