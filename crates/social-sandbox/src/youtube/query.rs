//! The parameters of an API call: only known ones, and `part` above all.

use super::envelope::Refusal;
use std::collections::HashMap;

/// The parts a video can have (YouTube Data API, videos, properties).
pub(super) const VIDEO_PARTS: [&str; 15] = [
    "contentDetails",
    "fileDetails",
    "id",
    "liveStreamingDetails",
    "localizations",
    "paidProductPlacementDetails",
    "player",
    "processingDetails",
    "recordingDetails",
    "snippet",
    "statistics",
    "status",
    "suggestions",
    "topicDetails",
    "monetizationDetails",
];

/// Those a channel can have.
pub(super) const CHANNEL_PARTS: [&str; 10] = [
    "auditDetails",
    "brandingSettings",
    "contentDetails",
    "contentOwnerDetails",
    "id",
    "localizations",
    "snippet",
    "statistics",
    "status",
    "topicDetails",
];

/// Those an item of a playlist can have.
pub(super) const ITEM_PARTS: [&str; 4] = ["contentDetails", "id", "snippet", "status"];

/// A query's parameters.
#[derive(Debug)]
pub(super) struct Query(HashMap<String, String>);

impl Query {
    /// Refuses parameters that are not among the known ones.
    pub(super) fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Refusal> {
        let fields: HashMap<String, String> =
            url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
        match fields.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Refusal::bad(&format!(
                "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter."
            ))),
            None => Ok(Self(fields)),
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn need(&self, name: &str) -> Result<&str, Refusal> {
        self.find(name).ok_or_else(|| {
            let message = format!("No filter selected or required parameter missing: {name}");
            Refusal::new(400, "missingRequiredParameter", &message).in_domain("youtube.parameter")
        })
    }

    /// The parts asked for.
    pub(super) fn parts(&self, known: &[&str]) -> Result<Vec<String>, Refusal> {
        let parts: Vec<String> = self.need("part")?.split(',').map(|part| part.trim().to_owned()).collect();
        match parts.iter().find(|part| !known.contains(&part.as_str())) {
            Some(part) => {
                Err(Refusal::new(400, "unknownPart", &format!("'{part}'")).in_domain("youtube.part"))
            }
            None => Ok(parts),
        }
    }
}
