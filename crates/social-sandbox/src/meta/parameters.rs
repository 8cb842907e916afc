//! The parameters of a Graph call, from a query, a form, JSON or multipart, and its token.

use super::app::{App, Proof};
use super::envelope::{Refusal, refuse, reply};
use super::grant::{Caller, Grants};
use super::multipart::Multipart;
use super::usage::Usage;
use super::version;
use crate::place::{Place, Who};
use crate::request::{self, is_of, lacks_length};
use crate::sandbox::Sandbox;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Map, Value, json};

/// The largest body of a Graph call: a piece of a video in a form.
const MOST: usize = 64 << 20;

/// A call as received.
#[derive(Debug)]
pub(crate) struct Parameters {
    version: String,
    token: Option<String>,
    fields: Map<String, Value>,
    /// The piece of a video, if the call is a form with one.
    pub(crate) piece: Option<Bytes>,
}

impl<S: Send + Sync> FromRequest<S> for Parameters {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        if parts.method == Method::POST
            && let Some(response) = lacks_length(&parts.headers)
        {
            return Err(response);
        }
        let too_large = |_| Refusal::param("The request body is too large or was cut").into_response();
        let body = axum::body::to_bytes(body, MOST).await.map_err(too_large)?;
        let mut read = Self {
            version: parts.uri.path().split('/').nth(1).unwrap_or_default().into(),
            token: request::bearer(&parts.headers).map(str::to_owned),
            fields: Map::new(),
            piece: None,
        };
        read.take_pairs(parts.uri.query().unwrap_or_default().as_bytes());
        read.take_body(&parts.headers, &body).map_err(Refusal::into_response)?;
        if let Some(Value::String(token)) = read.fields.remove("access_token") {
            read.token = read.token.or(Some(token));
        }
        Ok(read)
    }
}

impl Parameters {
    fn take_pairs(&mut self, pairs: &[u8]) {
        let pairs = url::form_urlencoded::parse(pairs);
        self.fields.extend(pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())));
    }

    fn take_body(&mut self, headers: &HeaderMap, body: &Bytes) -> Result<(), Refusal> {
        if body.is_empty() {
            return Ok(());
        }
        if is_of(headers, "application/json") {
            let fields: Map<String, Value> =
                serde_json::from_slice(body).map_err(|_| Refusal::param("The JSON could not be parsed"))?;
            self.fields.extend(fields);
        } else if is_of(headers, "application/x-www-form-urlencoded") {
            self.take_pairs(body);
        } else if let Some(mut form) = Multipart::read(headers, body) {
            self.piece = form.take("video_file_chunk");
            self.fields.extend(form.texts().map(|(name, value)| (name.to_owned(), value.into())));
        } else {
            return Err(Refusal::param("The request body has a content type that is not known"));
        }
        Ok(())
    }

    /// Returns a text; a number counts as one.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.fields.get(name)? {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Returns a required text.
    pub(crate) fn required(&self, name: &str) -> Result<String, Refusal> {
        self.text(name).ok_or_else(|| Refusal::param(&format!("(#100) The parameter {name} is required")))
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.fields.get(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(Value::String(text)) if text == "true" || text == "1" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" || text == "0" => Ok(Some(false)),
            Some(_) => Err(Refusal::param(&format!("(#100) Param {name} must be a boolean"))),
        }
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let bad = || Refusal::param(&format!("(#100) Param {name} must be an integer"));
        match self.fields.get(name) {
            None => Ok(None),
            Some(_) => self.text(name).and_then(|text| text.parse().ok()).map(Some).ok_or_else(bad),
        }
    }

    /// Returns a list, from JSON or from text that holds JSON.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let bad = |_| Refusal::param(&format!("(#100) Param {name} must be an array"));
        match self.fields.get(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => serde_json::from_str(text).map_err(bad),
            Some(value) => serde_json::from_value(value.clone()).map_err(bad),
        }
    }

    /// Rejects a parameter that is not one of these. Graph itself is said to ignore them. A simulator should
    /// find misspelt ones.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        let shared = [
            "appsecret_proof",
            "default_summary",
            "fields",
            "format",
            "limit",
            "locale",
            "pretty",
            "summary",
        ];
        let stranger = self
            .fields
            .keys()
            .find(|name| !known.contains(&name.as_str()) && !shared.contains(&name.as_str()));
        stranger.map_or(Ok(()), |name| Err(Refusal::param(&format!("(#100) Unknown parameter {name}"))))
    }

    /// Returns the requested fields, without nested ones.
    pub(crate) fn fields(&self) -> Vec<String> {
        fields(self.text("fields").as_deref().unwrap_or_default())
    }

    /// Returns the requested fields, or Graph's defaults if there are none.
    pub(crate) fn fields_or(&self, told: &[&str]) -> Vec<String> {
        let wanted = self.fields();
        if wanted.is_empty() { told.iter().map(|name| (*name).to_owned()).collect() } else { wanted }
    }

    /// Returns a list with its total, if requested: `summary` is true or names the fields.
    pub(crate) fn list_of(&self, data: Vec<Value>, paging: Map<String, Value>, count: usize) -> Value {
        let is_asked = |value: &Value| *value != Value::Bool(false) && *value != "false" && *value != "0";
        let asked =
            ["summary", "default_summary"].iter().any(|name| self.fields.get(*name).is_some_and(is_asked));
        let mut list = Map::from_iter([("data".into(), data.into()), ("paging".into(), paging.into())]);
        if asked {
            list.insert("summary".into(), json!({ "total_count": count }));
        }
        list.into()
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Returns the caller, after checking version and proof.
    pub(crate) fn caller(&self, grants: &Grants, app: &App, now: i64) -> Result<Caller, Refusal> {
        if !version::known(&self.version) {
            let message = format!("Unknown path components: /{}", self.version);
            return Err(Refusal::plain(2500, &message));
        }
        let caller = grants.caller(self.token(), now)?;
        match self.text("appsecret_proof") {
            Some(proof) if proof == app.proof_of(&caller.text) => Ok(caller),
            Some(_) => Err(Refusal::param("Invalid appsecret_proof provided in the API argument")),
            None if app.proof == Proof::Optional => Ok(caller),
            None => Err(Refusal::param("API calls from the server require an appsecret_proof argument")),
        }
    }
}

/// Returns the names in a `fields` parameter: `id,picture{url}` are `id` and `picture`.
fn fields(text: &str) -> Vec<String> {
    let (mut names, mut depth) = (vec![String::new()], 0_u32);
    for letter in text.chars() {
        match letter {
            '{' | '(' => depth = depth.saturating_add(1),
            '}' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => names.push(String::new()),
            letter if depth == 0 && !letter.is_whitespace() => {
                if let Some(name) = names.last_mut() {
                    name.push(letter);
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Returns the endpoint of a call.
pub(crate) fn place(platform: &'static str, names: &[&'static str], account: Option<Who>) -> Place {
    Place { platform, names: names.into(), account }
}

/// Responds to a Graph call, with the usage headers if there are any.
pub(crate) async fn graph(
    sandbox: &Sandbox,
    place: &Place,
    usage: Option<(Usage, &'static str)>,
    work: impl Future<Output = Result<Value, Refusal>> + Send,
) -> Response {
    let mut response = sandbox.answer(place, refuse, async { reply(work.await) }).await;
    if let (Some((usage, kind)), Some(who)) = (usage, &place.account) {
        usage.tell(&mut response, kind, &who.id);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn nested_fields_count_as_their_parent() {
        assert_eq!(fields("id, name,picture{url,height},tasks"), ["id", "name", "picture", "tasks"]);
        assert!(fields("").is_empty());
    }
}
