//! The options of a Facebook post (Page, `video_reels` and `videos`).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Sending;
use super::limits::LONGEST_REEL;
use crate::platform::meta::cut;
use crate::platform::misread::read_options;
use crate::platform::{Draft, Problem, Publication, Severity};
use crate::video::VideoFacts;

/// Meta documents no length; Facebook's own clients send at most this.
const DESCRIPTION: usize = 63_206;
const TITLE: usize = 255;

/// Facebook's options of one result.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Options {
    /// Labels the video as AI-generated.
    is_ai_generated: bool,
    /// `reel` requires a Reel. Without it, any video but a vertical clip of up to 90 s becomes a plain video.
    surface: Option<Surface>,
}

/// The format of a video on a Page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Surface {
    /// A Reel.
    Reel,
}

impl Options {
    /// Decodes a result's options; absent options are the defaults.
    pub(super) fn read(options: &Value) -> Result<Self, Problem> {
        read_options("facebook", options)
    }

    /// Reports whether the video is labelled as AI-generated.
    pub(super) fn is_ai_generated(&self) -> bool {
        self.is_ai_generated
    }
}

/// Returns the options, which were checked when the post was created. Options that can no longer be decoded
/// count as absent.
pub(super) fn options_of(publication: &Publication<'_>) -> Options {
    Options::read(publication.options).unwrap_or_default()
}

/// Reports whether the options require a Reel.
fn wants_reel(options: &Value) -> bool {
    Options::read(options).is_ok_and(|options| options.surface == Some(Surface::Reel))
}

/// Reports whether it becomes a Reel. A vertical clip of up to 90 s always does. As a plain video it would
/// stay a draft that is never published, and the API would report success.
pub(super) fn is_reel(publication: &Publication<'_>) -> bool {
    becomes_reel(publication.options, &publication.video.facts)
}

/// Reports the same for a draft.
pub(super) fn becomes_reel(options: &Value, facts: &VideoFacts) -> bool {
    let is_vertical = facts.sides().is_some_and(|(width, height)| height > width);
    wants_reel(options) || is_vertical && facts.duration.is_some_and(|duration| duration <= LONGEST_REEL)
}

/// Returns the texts of a finish.
pub(super) fn texts(publication: &Publication<'_>, sending: &Sending) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("description".to_owned(), cut(publication.caption, DESCRIPTION).into());
    if let Some(title) = publication.title.filter(|title| !title.trim().is_empty()) {
        fields.insert("title".to_owned(), cut(title, TITLE).into());
    }
    if options_of(publication).is_ai_generated {
        fields.insert("is_ai_generated".to_owned(), true.into());
    }
    if let Sending::Reel { .. } = sending {
        fields.insert("video_state".to_owned(), "PUBLISHED".into());
    }
    fields
}

fn problem(severity: Severity, field: &str, code: &'static str, message: impl Into<String>) -> Problem {
    Problem { severity, field: field.to_owned(), code, message: message.into() }
}

/// Returns the problems of a draft for Facebook.
pub(super) fn check(draft: &Draft<'_>) -> Vec<Problem> {
    if let Err(problem) = Options::read(draft.options) {
        return vec![problem];
    }
    let mut problems = Vec::new();
    for (field, code, text, most) in [
        ("caption", "caption_cut", draft.caption, DESCRIPTION),
        ("title", "title_cut", draft.title.unwrap_or_default(), TITLE),
    ] {
        let characters = text.chars().count();
        if characters > most {
            let message = format!(
                "The {field} is too long for Facebook ({characters} of {most} characters). The end will be cut off."
            );
            problems.push(problem(Severity::Warning, field, code, message));
        }
    }
    if !draft.scopes.iter().any(|granted| granted == "pages_manage_posts") {
        let message = "This Page didn't allow publishing (pages_manage_posts). Reconnect it and allow that.";
        problems.push(problem(Severity::Error, "facebook", "missing_scope", message));
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clock::Timestamp;

    fn codes(options: &Value, caption: &str, title: Option<&str>) -> Vec<&'static str> {
        let scopes = ["pages_manage_posts".to_owned()];
        let draft = Draft { caption, title, options, scopes: &scopes, due: Timestamp::default() };
        check(&draft).into_iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn the_defaults_need_nothing_and_an_unknown_option_is_named() {
        assert!(codes(&Value::Null, "", None).is_empty());
        assert!(codes(&json!({"surface": "reel", "is_ai_generated": true}), "hi", Some("t")).is_empty());
        for bad in
            [json!({"surface": "story"}), json!({"privacy": "EVERYONE"}), json!({"is_ai_generated": "yes"})]
        {
            assert_eq!(codes(&bad, "hi", None), ["invalid_option"], "{bad}");
        }
        assert!(wants_reel(&json!({"surface": "reel"})) && !wants_reel(&json!({})));
    }

    #[test]
    fn long_texts_are_cut_with_a_warning() {
        assert_eq!(
            codes(&json!({}), &"x".repeat(63_207), Some(&"y".repeat(256))),
            ["caption_cut", "title_cut"]
        );
        assert!(codes(&json!({}), &"x".repeat(63_206), Some(&"y".repeat(255))).is_empty());
    }

    #[test]
    fn a_page_without_the_permission_is_connected_again() {
        let draft = Draft {
            caption: "hi",
            title: None,
            options: &Value::Null,
            scopes: &[],
            due: Timestamp::default(),
        };
        assert_eq!(check(&draft)[0].code, "missing_scope");
    }
}
