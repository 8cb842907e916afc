//! The parameters of an API call: those of its method, those of every method, and especially `part`.

use super::envelope::Refusal;
use super::mask::Mask;
use crate::call::empty;
use crate::request;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode};

/// The parts of a video (YouTube Data API, videos, properties).
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

/// The parts of a channel.
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

/// The parts of a playlist item.
pub(super) const ITEM_PARTS: [&str; 4] = ["contentDetails", "id", "snippet", "status"];

/// The most items on a page, and the most ids in a call.
pub(super) const MOST: usize = 50;

/// The parameters of every method (discovery document, revision 20261104, `parameters`).
const SYSTEM: [&str; 11] = [
    "$.xgafv",
    "access_token",
    "alt",
    "callback",
    "fields",
    "key",
    "oauth_token",
    "prettyPrint",
    "quotaUser",
    "uploadType",
    "upload_protocol",
];

/// The parameters of one method, as in the discovery document.
pub(super) struct Signature {
    pub(super) served: &'static [&'static str],
    /// Parameters that YouTube supports and the sandbox does not.
    pub(super) unserved: &'static [&'static str],
}

/// A call as a GET, or as a POST that declares itself a GET because its URL is too long. Then the parameters
/// are its body.
pub(super) struct Asked {
    pub(super) headers: HeaderMap,
    pub(super) query: String,
}

impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let query = request.uri().query().unwrap_or_default().to_owned();
        if request.method() != Method::POST {
            return Ok(Self { headers, query });
        }
        let meant = headers.get("x-http-method-override").is_some_and(|method| method == "GET");
        if !meant || !request::is_of(&headers, "application/x-www-form-urlencoded") {
            return Err(empty(StatusCode::METHOD_NOT_ALLOWED));
        }
        let body = String::from_request(request, state).await;
        let body = body.map_err(|_| empty(StatusCode::BAD_REQUEST))?;
        Ok(Self { headers, query: [query, body].join("&") })
    }
}

/// Returns the access token, which may also be in the query.
pub(super) fn credential(headers: &HeaderMap, query: &str) -> Option<String> {
    let in_query = || {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == "access_token" || name == "oauth_token")
    };
    request::bearer(headers).map(str::to_owned).or_else(|| in_query().map(|(_, token)| token.into_owned()))
}

/// A query's parameters in order, as some may be repeated.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Parses a query, and rejects parameters that the method does not have.
    pub(super) fn read(query: &str, method: &Signature) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        for (name, _) in &pairs {
            let name = name.as_str();
            if method.unserved.contains(&name) || name == "callback" {
                return Err(Refusal::bad(&format!("{name} is not simulated.")));
            }
            if !SYSTEM.contains(&name) && !method.served.contains(&name) {
                return Err(Refusal::bad(&format!(
                    "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter."
                )));
            }
        }
        let query = Self(pairs);
        match query.find("alt") {
            None | Some("json") => {}
            Some("media" | "proto") => return Err(Refusal::bad("Only alt=json is simulated.")),
            Some(_) => return Err(Refusal::bad("Invalid value at 'alt' (TYPE_ENUM).")),
        }
        if !matches!(query.find("$.xgafv"), None | Some("1" | "2")) {
            return Err(Refusal::bad("Invalid value at '$.xgafv' (TYPE_ENUM)."));
        }
        query.flag("prettyPrint")?;
        query.mask()?;
        Ok(query)
    }

    pub(super) fn find(&self, name: &str) -> Option<&str> {
        let values = self.0.iter().filter(|(known, value)| known == name && !value.is_empty());
        values.map(|(_, value)| value.as_str()).next_back()
    }

    pub(super) fn need(&self, name: &str) -> Result<&str, Refusal> {
        self.find(name).ok_or_else(|| missing(name))
    }

    /// Returns all values of a parameter that may be repeated, and may have several values with commas.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
        values.flat_map(|value| value.split(',')).map(str::trim).filter(|one| !one.is_empty()).collect()
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        let bad = |_| Refusal::bad(&format!("Invalid value at '{name}' (TYPE_BOOL)."));
        self.find(name).map(|value| value.parse().map_err(bad)).transpose()
    }

    /// Returns the requested parts.
    pub(super) fn parts(&self, known: &[&str]) -> Result<Vec<String>, Refusal> {
        let mut parts = self.list("part");
        if parts.is_empty() {
            return Err(missing("part"));
        }
        if let Some(part) = parts.iter().find(|part| !known.contains(part)) {
            return Err(Refusal::new(400, "unknownPart", &format!("'{part}'")).in_domain("youtube.part"));
        }
        parts.sort_unstable();
        parts.dedup();
        Ok(parts.into_iter().map(str::to_owned).collect())
    }

    /// Returns the requested ids of this name.
    pub(super) fn ids(&self, name: &str) -> Result<Vec<&str>, Refusal> {
        let ids = self.list(name);
        if ids.len() > MOST {
            return Err(Refusal::new(400, "invalidFilters", "Too many ids.").in_domain("youtube.parameter"));
        }
        Ok(ids)
    }

    /// Returns how many items a page should have.
    pub(super) fn most(&self, most: usize) -> Result<usize, Refusal> {
        let bad = || Refusal::bad("Invalid value at 'max_results' (TYPE_UINT32).");
        let Some(wanted) = self.find("maxResults") else { return Ok(most) };
        wanted.parse().ok().filter(|wanted| (1..=MOST).contains(wanted)).ok_or_else(bad)
    }

    /// Returns how many items lie before the requested page.
    pub(super) fn start(&self) -> Result<usize, Refusal> {
        let Some(token) = self.find("pageToken") else { return Ok(0) };
        token.strip_prefix(PAGE_TOKEN).and_then(|at| at.parse().ok()).ok_or_else(|| {
            let message = "The request specifies an invalid page token.";
            Refusal::new(400, "invalidPageToken", message).in_domain("youtube.parameter")
        })
    }

    /// Returns the requested selection of the response.
    pub(super) fn mask(&self) -> Result<Option<Mask>, Refusal> {
        let Some(text) = self.find("fields") else { return Ok(None) };
        let bad = || {
            let message = format!("Invalid field selection {text}");
            Refusal::new(400, "invalidParameter", &message).in_domain("global")
        };
        Mask::read(text).map(Some).ok_or_else(bad)
    }
}

/// The prefix of a page token; the number of items before the page follows.
const PAGE_TOKEN: &str = "CDIQ";

/// Returns the token of the page after this many items.
pub(super) fn page_token(start: usize) -> String {
    format!("{PAGE_TOKEN}{start}")
}

/// Returns the error for a missing filter or parameter.
pub(super) fn missing(name: &str) -> Refusal {
    let message = format!("No filter selected or required parameter missing: {name}");
    Refusal::new(400, "missingRequiredParameter", &message).in_domain("youtube.parameter")
}
