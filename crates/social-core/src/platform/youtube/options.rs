//! The options of a YouTube post, in YouTube's own spelling (YouTube Data API, `videos.insert`, request
//! body).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::check::is_time;
use super::words::{description_of, title_of};
use crate::platform::misread::read_options;
use crate::platform::{Problem, Publication};

/// Who can see a video.
pub(super) const PRIVACY: [&str; 3] = ["public", "unlisted", "private"];
/// The licenses.
pub(super) const LICENSES: [&str; 2] = ["youtube", "creativeCommon"];

/// YouTube's options of one result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Options {
    /// The title; default: the post's, or the caption's first line.
    pub(super) title: Option<String>,
    /// The description; default: the caption.
    pub(super) description: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) category_id: Option<String>,
    pub(super) default_language: Option<String>,
    pub(super) default_audio_language: Option<String>,
    /// Who can see it. YouTube's default is everyone; here the user must choose.
    pub(super) privacy_status: Option<String>,
    /// When YouTube makes a private video public, by YouTube's own scheduler.
    pub(super) publish_at: Option<String>,
    pub(super) license: Option<String>,
    pub(super) embeddable: Option<bool>,
    pub(super) public_stats_viewable: Option<bool>,
    /// The owner's declaration under children's protection law: no default.
    pub(super) self_declared_made_for_kids: Option<bool>,
    /// Realistic content that is altered or synthetic.
    pub(super) contains_synthetic_media: Option<bool>,
    pub(super) has_paid_product_placement: Option<bool>,
    /// Whether subscribers are notified; YouTube's own default is yes.
    pub(super) notify_subscribers: Option<bool>,
}

impl Options {
    /// Decodes a result's options; absent options are the defaults.
    pub(super) fn read(options: &Value) -> Result<Self, Problem> {
        read_options("youtube", options)
    }

    /// Returns the options, which were checked when the post was created. Options that can no longer be
    /// decoded count as absent.
    pub(super) fn of(publication: &Publication<'_>) -> Self {
        Self::read(publication.options).unwrap_or_default()
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
        given(&mut snippet, "tags", Some(&self.tags).filter(|tags| !tags.is_empty()).map(|tags| json!(tags)));
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
