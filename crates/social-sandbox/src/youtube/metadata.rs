//! The metadata of a new session (YouTube Data API, `videos.insert`).

use super::envelope::Refusal;
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest title.
const LONGEST_TITLE: usize = 100;
/// The longest description, in bytes of UTF-8.
const LONGEST_DESCRIPTION: usize = 5_000;
/// The longest tags, together.
const LONGEST_TAGS: usize = 500;

/// The categories of videos.
const CATEGORIES: [&str; 15] =
    ["1", "2", "10", "15", "17", "19", "20", "22", "23", "24", "25", "26", "27", "28", "29"];

/// The body of the request, as strict as YouTube's own types.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Resource {
    snippet: Option<Snippet>,
    status: Option<Status>,
    paid_product_placement_details: Option<PaidProductPlacement>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Snippet {
    title: Option<String>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    tags: Vec<String>,
    category_id: Option<String>,
    default_language: Option<String>,
    default_audio_language: Option<String>,
}

impl Snippet {
    /// Returns the metadata of a video that came without any.
    fn unsaid() -> Self {
        Self {
            title: Some("unknown".into()),
            description: String::new(),
            tags: Vec::new(),
            category_id: None,
            default_language: None,
            default_audio_language: None,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "YouTube's own fields")]
struct Status {
    privacy_status: Option<Privacy>,
    publish_at: Option<String>,
    license: Option<License>,
    embeddable: Option<bool>,
    public_stats_viewable: Option<bool>,
    self_declared_made_for_kids: Option<bool>,
    contains_synthetic_media: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PaidProductPlacement {
    #[serde(default)]
    has_paid_product_placement: bool,
}

/// Who can see a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Privacy {
    /// Everyone.
    Public,
    /// Everyone who has the link.
    Unlisted,
    /// The channel's owner.
    Private,
}

impl Privacy {
    /// Returns the word for people.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Public => "Public",
            Self::Unlisted => "Unlisted",
            Self::Private => "Private",
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum License {
    #[default]
    Youtube,
    CreativeCommon,
}

/// The same, after checks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "YouTube's own fields")]
pub(crate) struct Metadata {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) tags: Vec<String>,
    pub(super) category: Option<String>,
    pub(super) language: Option<String>,
    pub(super) audio_language: Option<String>,
    pub(super) privacy: Privacy,
    /// Milliseconds since 1970.
    pub(super) publish_at: Option<i64>,
    pub(super) license: License,
    pub(super) embeddable: bool,
    pub(super) public_stats: bool,
    pub(super) made_for_kids: bool,
    pub(super) synthetic: bool,
    pub(super) paid: bool,
}

impl Metadata {
    /// Parses the body; `parts` must name exactly the objects in it.
    pub(super) fn read(body: &[u8], parts: &[String]) -> Result<Self, Refusal> {
        let body = if body.is_empty() { b"{}" } else { body };
        let value: Value = serde_json::from_slice(body)
            .map_err(|_| Refusal::new(400, "parseError", "Parse Error").in_domain("global"))?;
        for name in value.as_object().into_iter().flat_map(|body| body.keys()) {
            if !parts.contains(name) {
                let message = format!("'{name}'");
                return Err(Refusal::new(400, "unexpectedPart", &message).in_domain("youtube.part"));
            }
        }
        let resource: Resource = serde_json::from_value(value)
            .map_err(|error| Refusal::bad(&format!("Invalid JSON payload received. {error}")))?;
        // All fields are optional: these are YouTube's own defaults.
        let snippet = resource.snippet.unwrap_or_else(Snippet::unsaid);
        let status = resource.status.unwrap_or_default();
        let privacy = status.privacy_status.unwrap_or(Privacy::Public);
        Ok(Self {
            title: title(snippet.title)?,
            description: description(snippet.description)?,
            tags: tags(snippet.tags)?,
            category: category(snippet.category_id)?,
            language: snippet.default_language,
            audio_language: snippet.default_audio_language,
            privacy,
            publish_at: publish_at(status.publish_at.as_deref(), privacy)?,
            license: status.license.unwrap_or_default(),
            embeddable: status.embeddable.unwrap_or(true),
            public_stats: status.public_stats_viewable.unwrap_or(true),
            made_for_kids: status.self_declared_made_for_kids.unwrap_or(false),
            synthetic: status.contains_synthetic_media.unwrap_or(false),
            paid: resource
                .paid_product_placement_details
                .is_some_and(|details| details.has_paid_product_placement),
        })
    }
}

fn refuse(reason: &str, message: &str) -> Refusal {
    Refusal::new(400, reason, message).in_domain("youtube.video")
}

fn title(title: Option<String>) -> Result<String, Refusal> {
    let title = title.unwrap_or_default();
    let units = title.encode_utf16().count();
    if title.trim().is_empty() || units > LONGEST_TITLE || title.contains(['<', '>']) {
        return Err(refuse(
            "invalidTitle",
            "The request metadata specifies an invalid or empty video title.",
        ));
    }
    Ok(title)
}

fn description(text: String) -> Result<String, Refusal> {
    if text.len() > LONGEST_DESCRIPTION || text.contains(['<', '>']) {
        let message = "The request metadata specifies an invalid video description.";
        return Err(refuse("invalidDescription", message));
    }
    Ok(text)
}

/// Checks the length of tags: commas between tags and quotes around tags with spaces count too.
fn tags(tags: Vec<String>) -> Result<Vec<String>, Refusal> {
    let counted = |tag: &String| tag.encode_utf16().count() + if tag.contains(' ') { 2 } else { 0 };
    let length = tags.iter().map(counted).sum::<usize>() + tags.len().saturating_sub(1);
    let bad = |tag: &String| tag.trim().is_empty() || tag.contains(['<', '>', ',']);
    if length > LONGEST_TAGS || tags.iter().any(bad) {
        return Err(refuse("invalidTags", "The request metadata specifies invalid video keywords."));
    }
    Ok(tags)
}

fn category(id: Option<String>) -> Result<Option<String>, Refusal> {
    match id {
        Some(id) if !CATEGORIES.contains(&id.as_str()) => {
            let message = "The snippet.categoryId property specifies an invalid category ID.";
            Err(refuse("invalidCategoryId", message))
        }
        id => Ok(id),
    }
}

fn publish_at(text: Option<&str>, privacy: Privacy) -> Result<Option<i64>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) if privacy == Privacy::Private => Ok(Some(at.timestamp_millis())),
        Ok(_) | Err(_) => {
            let message = "The request metadata specifies an invalid scheduled publishing time.";
            Err(refuse("invalidPublishAt", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tags;

    #[test]
    fn tags_are_counted_with_their_commas_and_quotes() {
        let fits: Vec<String> = vec!["a".repeat(248), "b".repeat(251)];
        assert!(tags(fits.clone()).is_ok());
        assert!(tags([fits, vec!["c".into()]].concat()).is_err());
        assert!(tags(vec!["a".repeat(500)]).is_ok());
        assert!(tags(vec![format!("{} b", "a".repeat(496))]).is_ok());
        assert!(tags(vec![format!("{} b", "a".repeat(497))]).is_err());
    }
}
