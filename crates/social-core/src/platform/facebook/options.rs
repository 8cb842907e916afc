//! What a user may ask of Facebook (Page, `video_reels` and `videos`).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Sending;
use super::limits::LONGEST_REEL;
use crate::platform::meta::cut;
use crate::platform::misread::read_options;
use crate::platform::{Draft, Problem, Publication, Severity};
use crate::video::VideoFacts;

/// No length is documented; these are what Facebook's own clients send at most.
const DESCRIPTION: usize = 63_206;
const TITLE: usize = 255;

/// Facebook's options of one result.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Options {
    /// Labels the video as made by AI.
    is_ai_generated: bool,
    /// `reel` insists on a Reel; without it, what is no vertical clip of up to 90 s becomes a plain video.
    surface: Option<Surface>,
}

/// Where a Page shows a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Surface {
    /// Among the Reels.
    Reel,
}

impl Options {
    /// Reads a result's options; none at all are the defaults.
    pub(super) fn read(options: &Value) -> Result<Self, Problem> {
        read_options("facebook", options)
    }

    /// Whether the video is to be labelled as made by AI.
    pub(super) fn is_ai_generated(&self) -> bool {
        self.is_ai_generated
    }
}

/// Options were checked when the post was made; ones that no longer read are treated as none.
pub(super) fn options_of(publication: &Publication<'_>) -> Options {
    Options::read(publication.options).unwrap_or_default()
}

/// Whether the options insist on a Reel.
fn wants_reel(options: &Value) -> bool {
    Options::read(options).is_ok_and(|options| options.surface == Some(Surface::Reel))
}

/// Whether it becomes a Reel. A vertical clip of up to 90 s always does: as a plain video it would end as a draft that
/// is never published, and the API would call that a success.
pub(super) fn is_reel(publication: &Publication<'_>) -> bool {
    becomes_reel(publication.options, &publication.video.facts)
}

/// The same, of a draft.
pub(super) fn becomes_reel(options: &Value, facts: &VideoFacts) -> bool {
    let is_vertical = facts.sides().is_some_and(|(width, height)| height > width);
    wants_reel(options) || is_vertical && facts.duration.is_some_and(|duration| duration <= LONGEST_REEL)
}

/// What a finish says of the video.
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

/// What is wrong with a draft for Facebook.
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
