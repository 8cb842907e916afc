//! The options of a YouTube post, in YouTube's own spelling (YouTube Data API, `videos.insert`, request
//! body).

use std::time::Duration;

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::facts::{LONG_UPLOADS, READING, UPLOADING, YouTube};
use super::limits::{self, LONG};
use super::words::{BRACKETS, DESCRIPTION, TAGS, TITLE, raw_description, raw_title, tags_length, title_of};
use crate::clock::Timestamp;
use crate::platform::options::one_of;
use crate::platform::text::utf16;
use crate::platform::{CallContext, Draft, Problem, Rules};
use crate::video::{Limits, VideoFacts};

/// Who can see a video.
pub(super) const PRIVACY: [&str; 3] = ["public", "unlisted", "private"];
/// The licenses.
pub(super) const LICENSES: [&str; 2] = ["youtube", "creativeCommon"];

fn privacy_status() -> Object {
    one_of(&PRIVACY)
}

fn license() -> Object {
    one_of(&LICENSES)
}

/// YouTube's options of one result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = YouTubeOptions)]
pub struct Options {
    /// The title: 1 to 100 characters without `<` and `>`; the default is the title of the post, or the first line of the
    /// caption. A longer title is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    /// The description: at most 5000 bytes without `<` and `>`; the default is the caption. A longer one is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    /// The tags, each without commas, `<` and `>`: at most 500 characters together. A comma counts between two tags,
    /// and quotes count around a tag with a space.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tags: Option<Vec<String>>,
    /// The number of the category, as text, such as `"22"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]{1,4}$")]
    pub(super) category_id: Option<String>,
    /// The language of the title and the description (BCP 47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default_language: Option<String>,
    /// The language of the audio (BCP 47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default_audio_language: Option<String>,
    /// Who can see the video. Required, without a default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = privacy_status, required = false)]
    pub(super) privacy_status: Option<String>,
    /// When YouTube makes a private video public, by its own scheduler: after the upload, and with a UTC offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub(super) publish_at: Option<String>,
    /// The license. The default is `youtube`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = license, required = false)]
    pub(super) license: Option<String>,
    /// Whether other sites may embed the video. The default is YouTube's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) embeddable: Option<bool>,
    /// Whether everyone can see the statistics. The default is YouTube's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) public_stats_viewable: Option<bool>,
    /// Whether the video is made for children. Required: the owner declares it under children's protection law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) self_declared_made_for_kids: Option<bool>,
    /// Whether the video shows realistic content that is altered or synthetic. The default is no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) contains_synthetic_media: Option<bool>,
    /// Whether the video contains a paid product placement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) has_paid_product_placement: Option<bool>,
    /// Whether YouTube notifies the subscribers. The default is yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) notify_subscribers: Option<bool>,
}

impl crate::platform::Options for Options {
    fn ai_label(&mut self) -> &mut Option<bool> {
        &mut self.contains_synthetic_media
    }
}

/// The data for a call, with the options.
pub(super) type Context<'a> = CallContext<'a, Options>;
/// A publication, with the options.
pub(super) type Publication<'a> = crate::platform::Publication<'a, Options>;

impl Rules for YouTube {
    type Options = Options;

    fn check(&self, draft: &Draft<'_, Options>) -> Vec<Problem> {
        check(draft)
    }

    fn limits(&self, _: &Options, facts: &VideoFacts) -> &'static Limits {
        if limits::is_short(facts) { &limits::SHORT } else { &limits::VIDEO }
    }

    fn longest(&self, _: &Options, choices: &Value) -> Option<Duration> {
        let status = choices.get(LONG_UPLOADS).and_then(Value::as_str);
        status.filter(|status| *status != "allowed").map(|_| LONG)
    }
}

impl Options {
    /// Returns the tags.
    pub(super) fn tags(&self) -> &[String] {
        self.tags.as_deref().unwrap_or_default()
    }

    /// Reports whether YouTube publishes it later.
    pub(super) fn is_scheduled(&self) -> bool {
        self.publish_at.as_deref().is_some_and(is_time)
    }
}

/// Reports whether the text is a time in RFC 3339.
fn is_time(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok()
}

fn check(draft: &Draft<'_, Options>) -> Vec<Problem> {
    let mut problems = Vec::new();
    check_words(draft, &mut problems);
    check_choices(draft.options, &mut problems);
    check_schedule(draft.options, draft.due, &mut problems);
    for (scopes, what) in [(&UPLOADING, "uploading"), (&READING, "following the upload")] {
        if !scopes.iter().any(|scope| draft.has_scope(scope)) {
            let short = scopes.first().and_then(|scope| scope.rsplit('/').next()).unwrap_or_default();
            let message = format!("This account didn't allow {what} ({short}). Reconnect it and allow that.");
            problems.push(Problem::error("youtube", "missing_scope", message));
        }
    }
    problems
}

fn check_words(draft: &Draft<'_, Options>, problems: &mut Vec<Problem>) {
    let options = draft.options;
    let is_posts = options.title.is_none() && draft.title.is_some();
    let titles = if is_posts { "title" } else { "youtube.title" };
    let title = raw_title(options.title.as_deref(), draft.title, draft.caption);
    if title_of(options.title.as_deref(), draft.title, draft.caption).is_empty() {
        let message = "Add a title, or a caption whose first line can be the title.";
        problems.push(Problem::error(titles, "title_missing", message));
    }
    let length = utf16(title);
    if length > TITLE {
        let message = format!(
            "The title is too long for YouTube ({length} of {TITLE} characters). The end will be cut off."
        );
        problems.push(Problem::warning(titles, "title_cut", message));
    }
    let description = raw_description(options.description.as_deref(), draft.caption);
    let field = if options.description.is_some() { "youtube.description" } else { "caption" };
    if description.len() > DESCRIPTION {
        let message = format!(
            "The description is too long for YouTube ({} of {DESCRIPTION} bytes). The end will be cut off.",
            description.len()
        );
        problems.push(Problem::warning(field, "description_cut", message));
    }
    for (field, text) in [(titles, title), (field, description)] {
        if text.contains(BRACKETS) {
            let message = "YouTube doesn't allow < and > here. We'll remove them.";
            problems.push(Problem::warning(field, "brackets_left_out", message));
        }
    }
    let length = tags_length(options.tags());
    if length > TAGS {
        let message = format!(
            "The tags are too long for YouTube ({length} of {TAGS} characters, with commas and quotes). Remove some."
        );
        problems.push(Problem::error("youtube.tags", "tags_too_long", message));
    }
    if options.tags().iter().any(|tag| tag.trim().is_empty() || tag.contains(',') || tag.contains(BRACKETS)) {
        let message = "A tag is empty or contains a comma, < or >. Enter each tag separately, without these.";
        problems.push(Problem::error("youtube.tags", "invalid_tag", message));
    }
}

fn check_choices(options: &Options, problems: &mut Vec<Problem>) {
    let privacy = PRIVACY.join(", ");
    match options.privacy_status.as_deref() {
        None => {
            let message = format!("Choose who can view this video: one of {privacy}.");
            problems.push(Problem::error("youtube.privacyStatus", "privacy_status_missing", message));
        }
        Some(status) if !PRIVACY.contains(&status) => {
            let message = format!("The privacy status must be one of {privacy}.");
            problems.push(Problem::error("youtube.privacyStatus", "privacy_status_unknown", message));
        }
        Some(_) => {}
    }
    if options.self_declared_made_for_kids.is_none() {
        let message = "Is this video made for kids? You have to choose true or false (required by law).";
        problems.push(Problem::error("youtube.selfDeclaredMadeForKids", "made_for_kids_missing", message));
    }
    if options.license.as_deref().is_some_and(|license| !LICENSES.contains(&license)) {
        let message = format!("The license must be one of {}.", LICENSES.join(", "));
        problems.push(Problem::error("youtube.license", "license_unknown", message));
    }
    let is_number =
        |id: &str| !id.is_empty() && id.len() <= 4 && id.bytes().all(|byte| byte.is_ascii_digit());
    if options.category_id.as_deref().is_some_and(|id| !is_number(id)) {
        let message = "The category must be a number in quotes, such as \"22\" for People & Blogs.";
        problems.push(Problem::error("youtube.categoryId", "category_unknown", message));
    }
}

fn check_schedule(options: &Options, due: Timestamp, problems: &mut Vec<Problem>) {
    const FIELD: &str = "youtube.publishAt";
    let Some(publish_at) = options.publish_at.as_deref() else { return };
    match DateTime::parse_from_rfc3339(publish_at) {
        Err(_) => {
            let message = "publishAt must be a time with a UTC offset, such as 2026-12-24T18:00:00+01:00.";
            problems.push(Problem::error(FIELD, "invalid_time", message));
        }
        Ok(at) if at <= due => {
            let message = format!(
                "The YouTube release time must be after the upload time ({}).",
                due.to_rfc3339_opts(SecondsFormat::Secs, true)
            );
            problems.push(Problem::error(FIELD, "publish_at_passed", message));
        }
        Ok(_) => {}
    }
    if options.privacy_status.as_deref() != Some("private") {
        let message = "With a YouTube release time, the video must be private until then. Set privacyStatus to private, or schedule the post itself instead.";
        problems.push(Problem::error(FIELD, "publish_at_not_private", message));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::platform::testing;

    fn good() -> Value {
        json!({"privacyStatus": "unlisted", "selfDeclaredMadeForKids": false})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut options = good();
        options[name] = value;
        options
    }

    fn found(options: &Value, caption: &str, scopes: &[&str]) -> Vec<(&'static str, String)> {
        let found = testing::problems(&YouTube, options, &testing::draft(caption, scopes));
        found.into_iter().map(|p| (p.code, p.field)).collect()
    }

    fn codes(options: &Value, caption: &str) -> Vec<&'static str> {
        let scopes = [UPLOADING[0], READING[0]];
        found(options, caption, &scopes).into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn privacy_and_children_are_chosen_by_hand_and_never_by_default() {
        assert!(codes(&good(), "hi").is_empty());
        assert_eq!(codes(&Value::Null, "hi"), ["privacy_status_missing", "made_for_kids_missing"]);
        assert_eq!(codes(&with("privacyStatus", json!("friends")), "hi"), ["privacy_status_unknown"]);
        assert_eq!(codes(&with("license", json!("gpl")), "hi"), ["license_unknown"]);
        assert_eq!(codes(&with("categoryId", json!("music")), "hi"), ["category_unknown"]);
    }

    #[test]
    fn an_option_that_cannot_be_read_is_named() {
        let scopes = [UPLOADING[0], READING[0]];
        let number = found(&with("categoryId", json!(22)), "hi", &scopes);
        assert_eq!(number, [("invalid_option", "youtube.categoryId".to_owned())]);
        let tag = found(&with("tags", json!(["a", 1])), "hi", &scopes);
        assert_eq!(tag, [("invalid_option", "youtube.tags[1]".to_owned())]);
        let unknown =
            testing::problems(&YouTube, &with("privacy", json!("public")), &testing::draft("hi", &[]));
        assert!(unknown[0].message.contains("`privacy`"), "{unknown:?}");
    }

    #[test]
    fn words_are_counted_as_youtube_counts() {
        assert_eq!(codes(&good(), "  "), ["title_missing"]);
        assert_eq!(codes(&with("title", json!("<>")), "  "), ["title_missing", "brackets_left_out"]);
        assert!(codes(&with("title", json!("🎬".repeat(50))), "hi").is_empty());
        assert_eq!(codes(&with("title", json!("🎬".repeat(51))), "hi"), ["title_cut"]);
        assert!(codes(&with("title", json!("t")), &"é".repeat(2_500)).is_empty());
        assert_eq!(codes(&with("title", json!("t")), &"é".repeat(2_501)), ["description_cut"]);
        assert_eq!(codes(&with("title", json!("t")), "a -> b"), ["brackets_left_out"]);
        assert_eq!(codes(&with("tags", json!(["a".repeat(501)])), "hi"), ["tags_too_long"]);
        assert_eq!(codes(&with("tags", json!(["a,b"])), "hi"), ["invalid_tag"]);
    }

    #[test]
    fn youtubes_own_schedule_needs_a_private_video_and_a_time() {
        let mut options = with("publishAt", json!("2026-12-24T18:00:00+01:00"));
        assert_eq!(codes(&options, "hi"), ["publish_at_not_private"]);
        options["privacyStatus"] = json!("private");
        assert!(codes(&options, "hi").is_empty());
        let due = Timestamp::from_timestamp(1_798_131_600, 0).unwrap();
        let scopes = [UPLOADING[0], READING[0]];
        for (at, passed) in [
            ("2026-12-24T18:00:01+01:00", false),
            ("2026-12-24T18:00:00+01:00", true),
            ("2025-12-24T18:00:00Z", true),
        ] {
            options["publishAt"] = json!(at);
            let found =
                testing::problems(&YouTube, &options, &Draft { due, ..testing::draft("hi", &scopes) });
            let found: Vec<_> = found.iter().map(|found| (found.code, found.field.as_str())).collect();
            let expected = [("publish_at_passed", "youtube.publishAt")];
            assert_eq!(found, expected[usize::from(!passed)..], "{at}");
        }
        options["publishAt"] = json!("Christmas");
        assert_eq!(codes(&options, "hi"), ["invalid_time"]);
    }

    #[test]
    fn both_scopes_are_needed() {
        assert_eq!(found(&good(), "hi", &[UPLOADING[0]])[0].0, "missing_scope");
        assert_eq!(found(&good(), "hi", &[READING[0]])[0].0, "missing_scope");
        assert!(found(&good(), "hi", &["https://www.googleapis.com/auth/youtube"]).is_empty());
    }
}
