//! The options of an Instagram post, in Instagram's own spelling (IG User, media reference).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::facts::Instagram;
use super::limits;
use crate::platform::meta::cut;
use crate::platform::{CallContext, Draft, Problem, Rules};
use crate::video::{AddressPolicy, Limits, VideoFacts, VideoUrl};

/// 2200 characters, 30 hashtags, 20 mentions. Instagram does not document how it counts characters; we count
/// Unicode scalar values.
pub(super) const CAPTION: usize = 2_200;
const HASHTAGS: usize = 30;
const MENTIONS: usize = 20;
/// Three collaborators.
const COLLABORATORS: usize = 3;

/// Instagram's options of one result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InstagramOptions)]
pub struct Options {
    /// Whether the feed shows the Reel, beside the Reels tab. The default is yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    share_to_feed: Option<bool>,
    /// The public https URL of a JPEG of at most 8 MB, in ASCII and without a port. It takes precedence over
    /// `thumb_offset`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    cover_url: Option<String>,
    /// The frame that becomes the cover, in milliseconds from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    thumb_offset: Option<i64>,
    /// Whether the video is labelled as AI-generated. The default is no.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_ai_generated: Option<bool>,
    /// The user names of at most 3 accounts, without the `@`. They are invited to show the Reel on their own
    /// profiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 3)]
    collaborators: Option<Vec<String>>,
}

impl crate::platform::Options for Options {
    fn ai_label(&mut self) -> &mut Option<bool> {
        &mut self.is_ai_generated
    }
}

impl Options {
    fn collaborators(&self) -> &[String] {
        self.collaborators.as_deref().unwrap_or_default()
    }

    /// Returns the fields of a container, apart from the video.
    pub(super) fn fields(&self, caption: &str) -> Value {
        let mut fields = json!({
            "media_type": "REELS",
            "caption": cut(caption, CAPTION),
            // Instagram documents no default, so it is always sent.
            "share_to_feed": self.share_to_feed.unwrap_or(true),
        });
        let Some(map) = fields.as_object_mut() else { return fields };
        if let Some(cover) = &self.cover_url {
            map.insert("cover_url".to_owned(), cover.as_str().into());
        }
        if let Some(offset) = self.thumb_offset {
            map.insert("thumb_offset".to_owned(), offset.into());
        }
        if self.is_ai_generated == Some(true) {
            map.insert("is_ai_generated".to_owned(), true.into());
        }
        if !self.collaborators().is_empty() {
            map.insert("collaborators".to_owned(), json!(self.collaborators()));
        }
        fields
    }
}

/// The data for a call, with the options.
pub(super) type Context<'a> = CallContext<'a, Options>;
impl Rules for Instagram {
    type Options = Options;

    fn check(&self, draft: &Draft<'_, Options>) -> Vec<Problem> {
        let mut problems = Vec::new();
        check_caption(draft.caption, &mut problems);
        check_options(draft.options, &mut problems);
        if !draft.has_scope("instagram_business_content_publish") {
            let message = "This account didn't allow publishing (instagram_business_content_publish). Reconnect it and allow that.";
            problems.push(Problem::error("instagram", "missing_scope", message));
        }
        problems
    }

    fn limits(&self, _: &Options, _: &VideoFacts) -> &'static Limits {
        &limits::REEL
    }

    fn check_choices(&self, _: &Options, choices: &Value) -> Vec<Problem> {
        check_quota(choices)
    }
}

/// Warns if the account's posts of 24 hours are used up. A new post then waits, and resumes on its own.
fn check_quota(choices: &Value) -> Vec<Problem> {
    let number = |name: &str| choices.get(name).and_then(Value::as_u64);
    match (number("quota_usage"), number("quota_total")) {
        (Some(used), Some(total)) if used >= total => {
            let message = format!(
                "This account has used {used} of the {total} posts that Instagram allows in 24 hours. This post will wait until there is room."
            );
            vec![Problem::warning("instagram", "quota_used_up", message)]
        }
        _ => Vec::new(),
    }
}

fn check_caption(caption: &str, problems: &mut Vec<Problem>) {
    let characters = caption.chars().count();
    if characters > CAPTION {
        let message = format!(
            "The caption is too long for Instagram ({characters} of {CAPTION} characters). The end will be cut off."
        );
        problems.push(Problem::warning("caption", "caption_cut", message));
    }
    for (mark, most, code, name) in
        [('#', HASHTAGS, "too_many_hashtags", "hashtags"), ('@', MENTIONS, "too_many_mentions", "mentions")]
    {
        let found = tags(cut(caption, CAPTION), mark);
        if found > most {
            let message = format!(
                "The caption has {found} {name}, but Instagram allows {most}. Remove {}.",
                found - most
            );
            problems.push(Problem::error("caption", code, message));
        }
    }
}

/// Returns the number of words that begin with a mark.
fn tags(text: &str, mark: char) -> usize {
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    let mut found = 0;
    while let Some(letter) = letters.next() {
        let begins = letter == mark && !before.is_alphanumeric() && before != '_';
        found +=
            usize::from(begins && letters.peek().is_some_and(|next| next.is_alphanumeric() || *next == '_'));
        before = letter;
    }
    found
}

fn check_options(options: &Options, problems: &mut Vec<Problem>) {
    if options.thumb_offset.is_some_and(|offset| offset < 0) {
        let message = "The cover's time must be 0 or more milliseconds and within the video.";
        problems.push(Problem::error("instagram.thumb_offset", "invalid_option", message));
    }
    if let Some(cover) = &options.cover_url {
        // Instagram fetches it, so a loopback URL is useless, in local mode too.
        let is_public = VideoUrl::parse(cover, AddressPolicy::PublicOnly).is_ok();
        if !is_public || !cover.is_ascii() {
            let message =
                "The cover must be a public https link to a JPEG of up to 8 MB, in ASCII and without a port.";
            problems.push(Problem::error("instagram.cover_url", "invalid_option", message));
        }
        if options.thumb_offset.is_some() {
            let message =
                "You set both a cover image and a cover frame. Instagram uses the image. Remove one of them.";
            problems.push(Problem::warning("instagram.thumb_offset", "cover_wins", message));
        }
    }
    if options.collaborators().len() > COLLABORATORS {
        let message = format!("You can invite up to {COLLABORATORS} collaborators. Remove the others.");
        problems.push(Problem::error("instagram.collaborators", "too_many_collaborators", message));
    }
    let is_name = |name: &String| {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '.' || letter == '_';
        (1..=30).contains(&name.len()) && name.chars().all(allowed)
    };
    if !options.collaborators().iter().all(is_name) {
        let message = "Enter each collaborator's user name only, without the @.";
        problems.push(Problem::error("instagram.collaborators", "invalid_option", message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{Severity, testing};

    fn found(options: &Value, caption: &str) -> Vec<(String, &'static str)> {
        let scopes = ["instagram_business_basic", "instagram_business_content_publish"];
        let found = testing::problems(&Instagram, options, &testing::draft(caption, &scopes));
        found.into_iter().map(|problem| (problem.field, problem.code)).collect()
    }

    fn one(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
        vec![(field.to_owned(), code)]
    }

    #[test]
    fn no_options_are_the_defaults_and_share_to_feed_is_always_sent() {
        assert!(found(&Value::Null, "").is_empty(), "a Reel needs no caption");
        let fields = Options::default().fields("hi");
        assert_eq!(fields, json!({"media_type": "REELS", "caption": "hi", "share_to_feed": true}));
        let options = json!({"share_to_feed": false, "thumb_offset": 1_500, "is_ai_generated": true,
            "collaborators": ["demo.kitchen"]});
        assert!(found(&options, "hi").is_empty());
        let mut expected = options.clone();
        expected["media_type"] = "REELS".into();
        expected["caption"] = "hi".into();
        assert_eq!(testing::options::<Options>("instagram", &options).0.fields("hi"), expected);
    }

    #[test]
    fn each_option_out_of_range_is_named_with_its_fix() {
        for (options, field, code) in [
            (json!({"thumb_offset": -1}), "instagram.thumb_offset", "invalid_option"),
            (json!({"cover_url": "http://cdn.example/c.jpg"}), "instagram.cover_url", "invalid_option"),
            (json!({"cover_url": "https://192.168.0.7/c.jpg"}), "instagram.cover_url", "invalid_option"),
            (json!({"cover_url": "https://169.254.169.254/c.jpg"}), "instagram.cover_url", "invalid_option"),
            (json!({"cover_url": "https://nas.local/c.jpg"}), "instagram.cover_url", "invalid_option"),
            (json!({"cover_url": "https://cdn.example/é.jpg"}), "instagram.cover_url", "invalid_option"),
            (
                json!({"collaborators": ["a", "b", "c", "d"]}),
                "instagram.collaborators",
                "too_many_collaborators",
            ),
            (json!({"collaborators": ["@demo"]}), "instagram.collaborators", "invalid_option"),
            (json!({"privacy_level": "SELF_ONLY"}), "instagram.privacy_level", "invalid_option"),
            (json!({"thumb_offset": "x"}), "instagram.thumb_offset", "invalid_option"),
            (
                json!({"cover_url": "https://cdn.example/c.jpg", "thumb_offset": 1}),
                "instagram.thumb_offset",
                "cover_wins",
            ),
        ] {
            assert_eq!(found(&options, "hi"), one(field, code), "{options}");
        }
    }

    #[test]
    fn the_caption_is_counted_in_characters_hashtags_and_mentions() {
        let none = json!({});
        assert!(found(&none, &"🎬".repeat(2_200)).is_empty());
        assert_eq!(found(&none, &"x".repeat(2_201)), one("caption", "caption_cut"));
        assert!(found(&none, &"#tag ".repeat(30)).is_empty());
        assert_eq!(found(&none, &"#tag ".repeat(31)), one("caption", "too_many_hashtags"));
        assert_eq!(found(&none, &"#a#b".repeat(16)), [], "a mark within a word starts no tag");
        assert_eq!(found(&none, &"@who ".repeat(21)), one("caption", "too_many_mentions"));
        assert!(found(&none, &format!("mail@example.com {}", "@who ".repeat(20))).is_empty());
    }

    #[test]
    fn a_quota_that_is_used_up_only_warns() {
        let of = |used: u64| check_quota(&json!({"quota_usage": used, "quota_total": 100}));
        assert_eq!(
            (of(99).len(), of(100)[0].code, of(100)[0].severity),
            (0, "quota_used_up", Severity::Warning)
        );
        assert!(check_quota(&json!({"quota_usage": null, "quota_total": null})).is_empty());
    }

    #[test]
    fn an_account_without_the_permission_is_connected_again() {
        let found = testing::problems(&Instagram, &Value::Null, &testing::draft("hi", &[]));
        assert_eq!(found[0].code, "missing_scope");
    }
}
