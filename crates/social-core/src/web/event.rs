//! Turns every event that reaches a function into one kind of HTTP request.
//!
//! Netlify, API Gateway, function URLs and load balancers each describe an HTTP request in JSON of their own.
//! Amazon's schedulers and queues send other JSON. `lambda_http` reads the first kind, with three faults. It
//! rejects what Netlify really sends, panics on an invalid `Host`, and keeps only the last of a list of
//! headers. [`normalise`] fixes the event first, so that no event stops a process.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderName, HeaderValue, Request, StatusCode, Uri};
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use super::assignment::Assignment;

type Object = Map<String, Value>;

/// How an event arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Over HTTP: any sender is possible.
    Http,
    /// By an invocation that IAM authorised: from a scheduler, a queue or an engineer.
    Trusted,
}

/// Explains why an event is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It is not JSON.
    #[error("the event is not JSON")]
    NotJson,
    /// It describes an HTTP request in an unknown format.
    #[error("the event is an HTTP request of an unknown kind")]
    UnknownKind,
}

/// Returns an event that `lambda_http` reads correctly. Events that did not come over HTTP are unchanged.
#[must_use]
pub fn normalise(event: &str) -> Cow<'_, str> {
    match serde_json::from_str(event) {
        Ok(Value::Object(mut event)) if source(&event) == Source::Http => {
            mend(&mut event);
            Cow::Owned(Value::Object(event).to_string())
        }
        _ => Cow::Borrowed(event),
    }
}

/// Reads an event as the functions do.
///
/// # Errors
/// Returns an error if it is not JSON, or HTTP in an unknown format.
pub fn parse(event: &str) -> Result<(Request<Bytes>, Source), EventError> {
    let request = lambda_http::request::from_str(&normalise(event)).map_err(|_| EventError::NotJson)?;
    admit(request)
}

/// Takes over the result of `lambda_http`: the request as its handler sees it, and how it arrived.
///
/// `lambda_http` passes through whatever it cannot read, so that alone proves nothing about the sender. A
/// request that was made unreadable on purpose must not count as authorised by IAM.
pub(super) fn admit(request: lambda_http::Request) -> Result<(Request<Bytes>, Source), EventError> {
    let passed = matches!(request.request_context_ref(), Some(RequestContext::PassThrough));
    let (parts, body) = request.into_parts();
    let body = match body {
        lambda_http::Body::Text(text) => Bytes::from(text),
        lambda_http::Body::Binary(bytes) => Bytes::from(bytes),
        _ => Bytes::new(),
    };
    let source = if passed { sender(&body)? } else { Source::Http };
    let mut request = Request::new(body);
    *request.method_mut() = parts.method;
    *request.uri_mut() = origin_form(parts.uri);
    *request.headers_mut() = parts.headers;
    Ok((request, source))
}

/// Returns the sender of an event that `lambda_http` did not read as a request.
fn sender(event: &[u8]) -> Result<Source, EventError> {
    match serde_json::from_slice(event) {
        Ok(Value::Object(event)) if source(&event) == Source::Http => Err(EventError::UnknownKind),
        Ok(_) => Ok(Source::Trusted),
        Err(_) => Err(EventError::NotJson),
    }
}

/// Returns a URI's path and query. The gateway checks the host (RFC 9112 §3.2.1).
fn origin_form(uri: Uri) -> Uri {
    let path = uri.into_parts().path_and_query;
    Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")))
}

/// Describes a request as Netlify does: API Gateway's first format without its `requestContext`, with the
/// received URL added. The local server sends every request this way.
#[must_use]
pub fn netlify_event(request: &Request<Bytes>) -> Value {
    let path = request.uri().path();
    let raw_query = request.uri().query().unwrap_or_default();
    let mut query = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in form_urlencoded::parse(raw_query.as_bytes()) {
        query.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    let mut headers = BTreeMap::<&str, Vec<Cow<'_, str>>>::new();
    for (name, value) in request.headers() {
        headers.entry(name.as_str()).or_default().push(String::from_utf8_lossy(value.as_bytes()));
    }
    let host = headers.get("host").and_then(|hosts| hosts.first()).map_or("localhost", |host| host);
    let (body, encoded) = match std::str::from_utf8(request.body()) {
        Ok("") => (Value::Null, false),
        Ok(text) => (text.into(), false),
        Err(_) => (STANDARD.encode(request.body()).into(), true),
    };
    json!({
        "resource": "",
        "path": path,
        "httpMethod": request.method().as_str(),
        "queryStringParameters": joined(&query),
        "multiValueQueryStringParameters": &query,
        "headers": joined(&headers),
        "multiValueHeaders": &headers,
        "body": body,
        "isBase64Encoded": encoded,
        "rawUrl": format!("http://{host}{}", request.uri().path_and_query().map_or(path, PathAndQuery::as_str)),
        "rawQuery": raw_query,
    })
}

/// Returns one string for each name, with commas between several values.
fn joined<K: AsRef<str>, V: AsRef<str>>(lists: &BTreeMap<K, Vec<V>>) -> Object {
    let join = |values: &Vec<V>| values.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    lists.iter().map(|(name, values)| (name.as_ref().to_owned(), join(values).into())).collect()
}

/// Returns the report that SQS expects for a batch. If the worker ran, only the unreadable messages have
/// failed. Otherwise, all have.
///
/// `None` if the event is not from SQS.
#[must_use]
pub(super) fn batch_report(event: &[u8], status: StatusCode) -> Option<Bytes> {
    let event: Value = serde_json::from_slice(event).ok()?;
    let records = event.get("Records")?.as_array()?;
    let of_sqs = |record: &Value| record.get("eventSource").is_some_and(|source| source == "aws:sqs");
    if records.is_empty() || !records.iter().all(of_sqs) {
        return None;
    }
    let failures: Vec<_> = records
        .iter()
        .filter(|record| !status.is_success() || !Assignment::is_readable(record))
        .filter_map(|record| Some(json!({ "itemIdentifier": record.get("messageId")?.as_str()? })))
        .collect();
    Some(json!({ "batchItemFailures": failures }).to_string().into())
}

/// A gateway writes at least one of these names, whatever the client sent. Other senders write none.
const HTTP: [&str; 8] = [
    "httpMethod",
    "requestContext",
    "headers",
    "multiValueHeaders",
    "rawPath",
    "rawUrl",
    "path",
    "authorizationToken",
];

fn source(event: &Object) -> Source {
    if HTTP.iter().any(|name| event.contains_key(*name)) { Source::Http } else { Source::Trusted }
}

/// Fixes everything that may be wrong in an HTTP event.
fn mend(event: &mut Object) {
    for name in ["path", "rawPath"] {
        if let Some(path) = event.get_mut(name) {
            *path = absolute(path.as_str().unwrap_or_default()).into();
        }
    }
    for name in ["queryStringParameters", "multiValueQueryStringParameters"] {
        if let Some(Value::Object(query)) = event.get_mut(name) {
            let lists = query.iter().map(|(name, value)| (name.clone(), texts(value)));
            *query = lists.filter(|(_, list)| !list.is_empty()).map(|(n, list)| (n, list.into())).collect();
        }
    }
    if let Some(Value::String(query)) = event.get_mut("rawQueryString") {
        *query = legal_query(query);
    }
    if let Some(cookies) = event.get_mut("cookies") {
        *cookies = texts(cookies).iter().flat_map(|text| legal_cookies(text)).collect();
    }
    let headers = headers(event);
    event.remove("multiValueHeaders");
    event.insert("headers".into(), headers.into());
    if let Some(Value::String(method)) = event.get("httpMethod") {
        let method = method.clone();
        complete_context(event, &method);
    }
    // Unused fields must not make an event unreadable.
    for unread in ["pathParameters", "stageVariables"] {
        event.remove(unread);
    }
    if let Some(Value::Object(context)) = event.get_mut("requestContext") {
        context.remove("domainName");
    }
}

/// Adds what `lambda_http` needs to recognise API Gateway's first format, which Netlify leaves out.
fn complete_context(event: &mut Object, method: &str) {
    let context = event.entry("requestContext").or_insert_with(|| json!({}));
    if !context.is_object() {
        *context = json!({});
    }
    let Value::Object(context) = context else { return };
    if context.contains_key("elb") || context.contains_key("http") {
        return;
    }
    context.retain(|_, value| !value.is_null());
    context.entry("httpMethod").or_insert_with(|| method.into());
    context.entry("requestTimeEpoch").or_insert_with(|| 0.into());
}

/// Returns a path that stays a path when it follows a host.
fn absolute(path: &str) -> String {
    let path = path.replace('?', "%3F").replace('#', "%23");
    if path.starts_with('/') { path } else { format!("/{path}") }
}

/// Returns an equivalent query that is valid in a URI.
fn legal_query(query: &str) -> String {
    if !query.contains('#') && format!("/?{query}").parse::<Uri>().is_ok() {
        return query.to_owned();
    }
    let pairs = form_urlencoded::parse(query.as_bytes());
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Returns the cookies that may stand in a header. Another site's odd cookie must not cost us ours.
fn legal_cookies(header: &str) -> Vec<String> {
    let legal = |cookie: &&str| !cookie.is_empty() && cookie.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    header.split(';').map(str::trim).filter(legal).map(str::to_owned).collect()
}

/// Returns every header once, as one string, with several values joined by the rules of that header.
fn headers(event: &Object) -> Object {
    let mut all = BTreeMap::<String, Vec<String>>::new();
    for field in ["multiValueHeaders", "headers"] {
        let mut these = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in event.get(field).and_then(Value::as_object).into_iter().flatten() {
            these.entry(name.to_ascii_lowercase()).or_default().extend(texts(value));
        }
        for (name, values) in these.into_iter().filter(|(_, values)| !values.is_empty()) {
            all.entry(name).or_insert(values);
        }
    }
    all.into_iter()
        .filter_map(|(name, values)| Some((name.clone(), header(&name, &values)?.into())))
        .collect()
}

/// Returns one header's value, unless it is invalid.
fn header(name: &str, values: &[String]) -> Option<String> {
    HeaderName::from_bytes(name.as_bytes()).ok()?;
    let value = if name == "cookie" {
        // RFC 9113 §8.2.3: several cookie headers are one, with semicolons between.
        values.iter().flat_map(|value| legal_cookies(value)).collect::<Vec<_>>().join("; ")
    } else {
        values.join(", ")
    };
    let legal = match name {
        "host" => is_host(&value),
        "x-forwarded-proto" => value == "http" || value == "https",
        _ => HeaderValue::from_str(&value).is_ok(),
    };
    legal.then_some(value)
}

/// Reports whether a `Host` is a host with an optional port, and nothing that could reach into the path.
fn is_host(value: &str) -> bool {
    let plain = value.parse::<Authority>().is_ok() && !value.contains('@');
    plain && Url::parse(&format!("https://{value}/")).is_ok()
}

/// Returns the strings in a value that should be a string or a list of strings.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
