//! The options of a TikTok post, in TikTok's own spelling (Content Posting API, direct post reference).

use serde::Deserialize;
use serde_json::{Value, json};

use crate::platform::misread::read_options;
use crate::platform::text::{cut, utf16};
use crate::platform::{Draft, Problem, Severity};

/// 2200 UTF-16 code units: the limit of a `title`, TikTok's name for the caption of a video.
const CAPTION_UNITS: usize = 2200;

/// The destination of a video.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum PostMode {
    /// The profile.
    #[default]
    DirectPost,
    /// The account's inbox, where its owner finishes the post in the app.
    MediaUpload,
}

/// Who can see a video.
const PRIVACY_LEVELS: [&str; 4] =
    ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"];

/// TikTok's options of one result.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "TikTok's own fields")]
pub(super) struct Options {
    /// Profile or inbox.
    #[serde(default)]
    pub(super) post_mode: PostMode,
    /// Who can see it. There is no default, because TikTok requires the person to choose.
    pub(super) privacy_level: Option<String>,
    /// Labels the video as AI-generated.
    #[serde(default)]
    pub(super) is_aigc: bool,
    #[serde(default)]
    disable_comment: bool,
    #[serde(default)]
    disable_duet: bool,
    #[serde(default)]
    disable_stitch: bool,
    video_cover_timestamp_ms: Option<i32>,
    /// A paid partnership for a third party.
    #[serde(default)]
    brand_content_toggle: bool,
    /// The creator's own business.
    #[serde(default)]
    brand_organic_toggle: bool,
}

impl Options {
    /// Decodes a result's options; absent options are the defaults.
    pub(super) fn read(options: &Value) -> Result<Self, Problem> {
        read_options("tiktok", options)
    }

    /// Returns the `post_info` of an init request.
    pub(super) fn post_info(&self, caption: &str) -> Value {
        let mut info = json!({
            "title": cut(caption, CAPTION_UNITS, utf16),
            "privacy_level": self.privacy_level,
            "disable_duet": self.disable_duet,
            "disable_stitch": self.disable_stitch,
            "disable_comment": self.disable_comment,
            "brand_content_toggle": self.brand_content_toggle,
            "brand_organic_toggle": self.brand_organic_toggle,
            "is_aigc": self.is_aigc,
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

/// Reports whether the options send the video to the inbox.
pub(super) fn is_draft(options: &Value) -> bool {
    Options::read(options).is_ok_and(|options| options.post_mode == PostMode::MediaUpload)
}

fn problem(field: &str, code: &'static str, message: impl Into<String>) -> Problem {
    Problem { severity: Severity::Error, field: field.to_owned(), code, message: message.into() }
}

/// Returns the problems of a draft for TikTok.
pub(super) fn check(draft: &Draft<'_>) -> Vec<Problem> {
    let options = match Options::read(draft.options) {
        Ok(options) => options,
        Err(problem) => return vec![problem],
    };
    let mut problems = Vec::new();
    let units = utf16(draft.caption);
    if units > CAPTION_UNITS && options.post_mode == PostMode::DirectPost {
        let message = format!(
            "The caption is too long for TikTok ({units} of {CAPTION_UNITS}). The end will be cut off."
        );
        problems.push(Problem { severity: Severity::Warning, ..problem("caption", "caption_cut", message) });
    }
    let granted = |scope: &str| draft.scopes.iter().any(|granted| granted == scope);
    if options.video_cover_timestamp_ms.is_some_and(|ms| ms < 0) {
        let message = "The cover's time must be 0 or more milliseconds.";
        problems.push(problem("tiktok.video_cover_timestamp_ms", "invalid_option", message));
    }
    match options.post_mode {
        PostMode::MediaUpload => {
            if !granted("video.upload") {
                let message = "This account didn't allow drafts (video.upload). Reconnect it and allow them.";
                problems.push(problem("tiktok.post_mode", "missing_scope", message));
            }
        }
        PostMode::DirectPost => {
            if draft.caption.trim().is_empty() {
                let message = "Add a caption.";
                problems.push(problem("caption", "caption_empty", message));
            }
            if !granted("video.publish") {
                let message = "This account didn't allow direct posting (video.publish). Reconnect it and allow it, or send a draft (MEDIA_UPLOAD).";
                problems.push(problem("tiktok.post_mode", "missing_scope", message));
            }
            check_visibility(&options, &mut problems);
        }
    }
    problems
}

/// Returns the problems of options, compared with the creator's current posting options. The worker checks
/// again before it posts.
pub(super) fn check_choices(options: &Value, choices: &Value) -> Vec<Problem> {
    let Ok(options) = Options::read(options) else { return Vec::new() };
    let offered = choices.get("privacy_level_options").and_then(Value::as_array);
    let level = options.privacy_level.as_deref().filter(|level| PRIVACY_LEVELS.contains(level));
    let (Some(offered), Some(level), PostMode::DirectPost) = (offered, level, options.post_mode) else {
        return Vec::new();
    };
    let offered: Vec<&str> = offered.iter().filter_map(Value::as_str).collect();
    if offered.contains(&level) {
        return Vec::new();
    }
    let message =
        format!("This account doesn't offer {level} right now. Choose one of {}.", offered.join(", "));
    vec![problem("tiktok.privacy_level", "privacy_level_option_mismatch", message)]
}

fn check_visibility(options: &Options, problems: &mut Vec<Problem>) {
    const FIELD: &str = "tiktok.privacy_level";
    let levels = PRIVACY_LEVELS.join(", ");
    match options.privacy_level.as_deref() {
        None => {
            let message = format!(
                "Choose who can view this video: one of {levels}, if the account's posting options offer it."
            );
            problems.push(problem(FIELD, "privacy_level_missing", message));
        }
        Some(level) if !PRIVACY_LEVELS.contains(&level) => {
            problems.push(problem(
                FIELD,
                "privacy_level_unknown",
                format!("The privacy level must be one of {levels}."),
            ));
        }
        Some("SELF_ONLY") if options.brand_content_toggle => {
            let message = "Branded content visibility cannot be set to private. Choose another privacy level or turn off branded content.";
            problems.push(problem(FIELD, "branded_content_private", message));
        }
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn codes(options: &Value, caption: &str, scopes: &[&str]) -> Vec<&'static str> {
        let scopes: Vec<String> = scopes.iter().map(|s| (*s).to_owned()).collect();
        check(&Draft { caption, title: None, options, scopes: &scopes, due: Timestamp::default() })
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
        let found = |options: Value| check_choices(&options, &choices);
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
        let scopes = vec!["video.publish".to_owned()];
        let options = json!({"privacy": "SELF_ONLY"});
        let found = check(&Draft {
            caption: "hi",
            title: None,
            options: &options,
            scopes: &scopes,
            due: Timestamp::default(),
        });
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
