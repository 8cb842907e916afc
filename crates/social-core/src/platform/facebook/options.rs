//! The options of a Facebook post (Page, `video_reels` and `videos`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::checkpoint::Sending;
use super::facts::Facebook;
use super::limits::{self, LONGEST_REEL};
use crate::platform::meta::cut;
use crate::platform::{CallContext, Draft, Problem, Rules};
use crate::video::{Limits, VideoFacts};

/// Meta documents no length; Facebook's own clients send at most this.
const DESCRIPTION: usize = 63_206;
const TITLE: usize = 255;

/// Facebook's options of one result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FacebookOptions)]
pub struct Options {
    /// Whether the video is labelled as AI-generated. The default is no.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_ai_generated: Option<bool>,
    /// `reel` requires a Reel. Without it, any video but a vertical clip of up to 90 s becomes a plain video.
    #[serde(skip_serializing_if = "Option::is_none")]
    surface: Option<Surface>,
}

/// The format of a video on a Page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FacebookSurface)]
pub enum Surface {
    /// A Reel.
    Reel,
}

impl crate::platform::Options for Options {
    fn ai_label(&mut self) -> &mut Option<bool> {
        &mut self.is_ai_generated
    }
}

impl Options {
    /// Reports whether the video is labelled as AI-generated.
    pub(super) fn is_ai_generated(&self) -> bool {
        self.is_ai_generated.unwrap_or_default()
    }

    /// Reports whether the options require a Reel.
    fn wants_reel(&self) -> bool {
        self.surface == Some(Surface::Reel)
    }
}

/// Reports whether it becomes a Reel. A vertical clip of up to 90 s always does. As a plain video it would
/// stay a draft that is never published, and the API would report success.
pub(super) fn is_reel(publication: &Publication<'_>) -> bool {
    becomes_reel(publication.options, &publication.video.facts)
}

/// Reports the same for a draft.
fn becomes_reel(options: &Options, facts: &VideoFacts) -> bool {
    let is_vertical = facts.sides().is_some_and(|(width, height)| height > width);
    options.wants_reel() || is_vertical && facts.duration.is_some_and(|duration| duration <= LONGEST_REEL)
}

/// Returns the texts of a finish.
pub(super) fn texts(publication: &Publication<'_>, sending: &Sending) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("description".to_owned(), cut(publication.caption, DESCRIPTION).into());
    if let Some(title) = publication.title.filter(|title| !title.trim().is_empty()) {
        fields.insert("title".to_owned(), cut(title, TITLE).into());
    }
    if publication.options.is_ai_generated() {
        fields.insert("is_ai_generated".to_owned(), true.into());
    }
    if let Sending::Reel { .. } = sending {
        fields.insert("video_state".to_owned(), "PUBLISHED".into());
    }
    fields
}

/// The data for a call, with the options.
pub(super) type Context<'a> = CallContext<'a, Options>;
/// A publication, with the options.
pub(super) type Publication<'a> = crate::platform::Publication<'a, Options>;

impl Rules for Facebook {
    type Options = Options;

    fn check(&self, draft: &Draft<'_, Options>) -> Vec<Problem> {
        check(draft)
    }

    fn limits(&self, options: &Options, facts: &VideoFacts) -> &'static Limits {
        if becomes_reel(options, facts) { &limits::REEL } else { &limits::VIDEO }
    }
}

fn check(draft: &Draft<'_, Options>) -> Vec<Problem> {
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
            problems.push(Problem::warning(field, code, message));
        }
    }
    if !draft.has_scope("pages_manage_posts") {
        let message = "This Page didn't allow publishing (pages_manage_posts). Reconnect it and allow that.";
        problems.push(Problem::error("facebook", "missing_scope", message));
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::platform::testing;

    fn codes(options: &Value, caption: &str, title: Option<&str>) -> Vec<&'static str> {
        let draft = Draft { title, ..testing::draft(caption, &["pages_manage_posts"]) };
        testing::problems(&Facebook, options, &draft).into_iter().map(|problem| problem.code).collect()
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
        let wants_reel = |options| testing::options::<Options>("facebook", &options).0.wants_reel();
        assert!(wants_reel(json!({"surface": "reel"})) && !wants_reel(json!({})));
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
        let found = testing::problems(&Facebook, &Value::Null, &testing::draft("hi", &[]));
        assert_eq!(found[0].code, "missing_scope");
    }
}
