//! The options of a YouTube post, in YouTube's own spelling (YouTube Data API, `videos.insert`, request
//! body).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::check::is_time;
use super::step::LONG;
use super::words::{description_of, title_of};
use super::{LONG_UPLOADS, Publication, YouTube, check, limits};
use crate::platform::options::one_of;
use crate::platform::{Draft, Problem, Rules};
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

impl Rules for YouTube {
    type Options = Options;

    fn check(&self, draft: &Draft<'_, Options>) -> Vec<Problem> {
        check::check(draft)
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

    /// Returns the `part` of the request and the video resource.
    pub(super) fn resource(&self, publication: &Publication<'_>) -> (&'static str, Value) {
        let given = |fields: &mut Map<String, Value>, name: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value);
            }
        };
        let text = |value: &Option<String>| value.as_deref().map(Value::from);
        let mut snippet = Map::new();
        snippet.insert("title".into(), title_of(self, publication.title, publication.caption).into());
        snippet.insert("description".into(), description_of(self, publication.caption).into());
        given(
            &mut snippet,
            "tags",
            Some(self.tags()).filter(|tags| !tags.is_empty()).map(|tags| json!(tags)),
        );
        given(&mut snippet, "categoryId", text(&self.category_id));
        given(&mut snippet, "defaultLanguage", text(&self.default_language));
        given(&mut snippet, "defaultAudioLanguage", text(&self.default_audio_language));
        let mut status = Map::new();
        // Never left to YouTube, whose default would make the video public without the user's choice.
        status.insert("privacyStatus".into(), self.privacy_status.as_deref().unwrap_or("private").into());
        status.insert(
            "selfDeclaredMadeForKids".into(),
            self.self_declared_made_for_kids.unwrap_or(false).into(),
        );
        status.insert("containsSyntheticMedia".into(), self.contains_synthetic_media.unwrap_or(false).into());
        given(&mut status, "publishAt", text(&self.publish_at).filter(|_| self.is_scheduled()));
        given(&mut status, "license", text(&self.license));
        given(&mut status, "embeddable", self.embeddable.map(Value::from));
        given(&mut status, "publicStatsViewable", self.public_stats_viewable.map(Value::from));
        match self.has_paid_product_placement {
            None => ("snippet,status", json!({ "snippet": snippet, "status": status })),
            Some(paid) => (
                "snippet,status,paidProductPlacementDetails",
                json!({
                    "snippet": snippet,
                    "status": status,
                    "paidProductPlacementDetails": { "hasPaidProductPlacement": paid },
                }),
            ),
        }
    }

    /// Reports whether YouTube publishes it later.
    pub(super) fn is_scheduled(&self) -> bool {
        self.publish_at.as_deref().is_some_and(is_time)
    }
}
