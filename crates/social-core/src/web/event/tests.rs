use http::header::{COOKIE, HOST};
use http::{HeaderMap, Method};

use super::*;

const NETLIFY: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/events/netlify-dev.json"));

/// The authorization response in the tables: a code in TikTok's format, and a value with an encoded
/// character.
const CODE: &str = "wFPH5-Aa_1*0!6410.e1";
const SIGN: &str = "a%2Bb";

fn without_context() -> Value {
    let mut event: Value = serde_json::from_str(NETLIFY).unwrap();
    event.as_object_mut().unwrap().remove("requestContext");
    event
}

fn first_format() -> Value {
    json!({
        "resource": "/{proxy+}", "path": "/social-accounts-callback", "httpMethod": "GET",
        "headers": { "Host": "abc.execute-api.eu-west-1.amazonaws.com", "X-Forwarded-Proto": "https", "Cookie": "b=2" },
        "multiValueHeaders": {
            "Host": ["abc.execute-api.eu-west-1.amazonaws.com"], "X-Forwarded-Proto": ["https"], "Cookie": ["a=1", "b=2"],
        },
        "queryStringParameters": { "code": CODE, "sign": SIGN, "x": "2" },
        "multiValueQueryStringParameters": { "code": [CODE], "sign": [SIGN], "x": ["1", "2"] },
        "pathParameters": { "proxy": null }, "stageVariables": null,
        "requestContext": { "httpMethod": "GET", "stage": "prod", "requestTimeEpoch": 1, "identity": { "sourceIp": "192.0.2.1" } },
        "body": null, "isBase64Encoded": false,
    })
}

fn second_format() -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/social-accounts-callback",
        "rawQueryString": "code=wFPH5-Aa_1*0%216410.e1&sign=a%252Bb&x=1&x=2",
        "cookies": ["a=1", "b=2"],
        "headers": { "host": "abc.execute-api.eu-west-1.amazonaws.com", "x-forwarded-proto": "https" },
        "queryStringParameters": { "code": CODE, "sign": SIGN, "x": "1,2" },
        "requestContext": {
            "accountId": "123456789012", "domainName": "abc.execute-api.eu-west-1.amazonaws.com", "stage": "$default",
            "http": { "method": "GET", "path": "/social-accounts-callback", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "x" },
            "timeEpoch": 1,
        },
        "isBase64Encoded": false,
    })
}

fn function_url() -> Value {
    let mut event = second_format();
    event["requestContext"]["domainName"] = "abc.lambda-url.eu-west-1.on.aws".into();
    event["headers"] = json!({ "host": "abc.lambda-url.eu-west-1.on.aws", "x-forwarded-proto": "https" });
    event
}

fn load_balancer() -> Value {
    json!({
        "requestContext": { "elb": { "targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/x/1" } },
        "httpMethod": "GET", "path": "/social-accounts-callback",
        "multiValueQueryStringParameters": {
            "code": ["wFPH5-Aa_1*0%216410.e1"], "sign": ["a%252Bb"], "x": ["1", "2"],
        },
        "multiValueHeaders": { "cookie": ["a=1", "b=2"], "host": ["lb.example.com"], "x-forwarded-proto": ["https"] },
        "body": "", "isBase64Encoded": false,
    })
}

fn netlify_with_arrays() -> Value {
    json!({
        "path": "/api/social-accounts-callback", "httpMethod": "GET",
        "headers": { "cookie": ["a=1", "b=2"], "host": ["site.example.com"], "x-nf-account-id": null },
        "multiValueHeaders": null,
        "queryStringParameters": { "code": CODE, "sign": SIGN, "x": ["1", "2"], "none": null },
        "body": null, "isBase64Encoded": null,
    })
}

fn pairs(request: &Request<Bytes>) -> Vec<(String, String)> {
    let mut pairs: Vec<_> =
        form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    pairs.sort();
    pairs
}

fn read(event: &Value) -> (Request<Bytes>, Source) {
    parse(&event.to_string()).unwrap_or_else(|error| panic!("{error}: {event}"))
}

#[test]
fn every_gateways_event_becomes_the_same_request() {
    for (kind, event) in [
        ("API Gateway's first format", first_format()),
        ("API Gateway's second format", second_format()),
        ("a function URL", function_url()),
        ("a load balancer", load_balancer()),
        ("Netlify with lists", netlify_with_arrays()),
    ] {
        let (request, source) = read(&event);
        assert_eq!(source, Source::Http, "{kind}");
        assert_eq!(request.method(), Method::GET, "{kind}");
        assert!(request.uri().path().ends_with("/social-accounts-callback"), "{kind}: {}", request.uri());
        assert!(request.uri().authority().is_none(), "{kind}: {}", request.uri());
        let expected = [("code", CODE), ("sign", SIGN), ("x", "1"), ("x", "2")];
        assert_eq!(pairs(&request), expected.map(|(k, v)| (k.to_owned(), v.to_owned())), "{kind}");
        let cookies: Vec<_> = request.headers().get_all(COOKIE).iter().collect();
        assert_eq!(cookies, ["a=1; b=2"], "{kind}");
        assert!(request.body().is_empty(), "{kind}");
    }
}

#[test]
fn netlify_s_own_event_is_read_with_and_without_its_context() {
    for event in [serde_json::from_str(NETLIFY).unwrap(), without_context()] {
        let (request, source) = read(&event);
        assert_eq!(source, Source::Http);
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.uri().path(), "/.netlify/functions/tiktok-connect");
        let expected = [("user", "a b"), ("x", "1"), ("x", "2")];
        assert_eq!(pairs(&request), expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
        assert_eq!(request.headers()[COOKIE], "sid=1; z=2");
        assert_eq!(request.body(), &br#"{"k":1}"#[..]);
        assert!(
            !request.headers().contains_key("x-nf-account-id")
                || request.headers()["x-nf-account-id"].is_empty()
        );
    }
}

#[test]
fn netlify_s_schedule_comes_over_http_and_so_proves_nothing() {
    let mut event = without_context();
    event["headers"]["x-nf-event"] = "schedule".into();
    event["body"] = r#"{"next_run":"2026-12-02T18:30:00.000Z"}"#.into();
    let (request, source) = read(&event);
    assert_eq!(source, Source::Http);
    assert_eq!(request.headers()["x-nf-event"], "schedule");
}

fn queue() -> Value {
    json!({ "Records": [
        { "messageId": "m1", "receiptHandle": "r", "body": "{}", "attributes": {}, "messageAttributes": {},
          "md5OfBody": "x", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q", "awsRegion": "eu-west-1" },
        { "messageId": "m2", "body": "{\"headers\":{}}", "eventSource": "aws:sqs" },
    ] })
}

#[test]
fn what_iam_let_through_is_trusted_and_arrives_untouched() {
    let bridge = json!({
        "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event", "source": "aws.events",
        "account": "123456789012", "time": "2026-12-02T18:30:00Z", "region": "eu-west-1", "resources": [], "detail": {},
    });
    let scheduler = json!({ "scheduledTime": "2026-12-02T18:30:00Z", "attempt": "1" });
    for event in [bridge, scheduler, queue(), json!({}), json!("tick"), Value::Null] {
        let text = event.to_string();
        assert!(matches!(normalise(&text), Cow::Borrowed(same) if same == text));
        let (request, source) = read(&event);
        assert_eq!(source, Source::Trusted, "{event}");
        assert_eq!((request.method(), request.uri().path()), (&Method::POST, "/events"), "{event}");
        assert_eq!(request.body(), text.as_bytes());
    }
}

#[test]
fn a_request_made_unreadable_is_refused_and_never_trusted() {
    let mut odd_method = first_format();
    odd_method["httpMethod"] = "G T".into();
    let socket = json!({ "requestContext": { "routeKey": "$connect", "connectionId": "x" }, "isBase64Encoded": false });
    let lattice = json!({ "raw_path": "/", "method": "POST", "headers": {}, "query_string_parameters": {} });
    let authorizer = json!({ "type": "TOKEN", "authorizationToken": "x", "methodArn": "arn" });
    for event in [odd_method, socket, lattice, authorizer] {
        assert_eq!(parse(&event.to_string()).unwrap_err(), EventError::UnknownKind, "{event}");
    }
    assert_eq!(parse("no json").unwrap_err(), EventError::NotJson);
    // Deeper than the parser reads, so it may be an HTTP request.
    let deep = format!(r#"{{"httpMethod":"GET","requestContext":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    assert_eq!(parse(&deep).unwrap_err(), EventError::NotJson);
}

#[test]
fn a_body_that_looks_like_an_event_stays_a_body() {
    let mut event = first_format();
    event["body"] = r#"{"detail-type":"Scheduled Event"}"#.into();
    assert_eq!(read(&event).1, Source::Http);
    event["body"] = r#"{"httpMethod":"GET"}"#.into();
    assert_eq!(read(&event).1, Source::Http);
}

/// Returns events of every kind whose headers contain `name: value`.
fn with_header(name: &str, value: &str) -> Vec<Value> {
    let mut events = vec![without_context(), first_format(), second_format(), load_balancer()];
    for event in &mut events {
        event["headers"][name] = value.into();
        for spelling in ["Host", "X-Forwarded-Proto", "Cookie", name] {
            if event.get("multiValueHeaders").is_some() && spelling.eq_ignore_ascii_case(name) {
                let lists = event["multiValueHeaders"].as_object_mut().unwrap();
                lists.retain(|listed, _| !listed.eq_ignore_ascii_case(name));
                lists.insert(spelling.to_owned(), json!([value]));
            }
        }
        let lower = name.to_ascii_lowercase();
        event["headers"].as_object_mut().unwrap().retain(|k, _| k == name || k.to_ascii_lowercase() != lower);
    }
    events
}

#[test]
fn a_hostile_host_is_dropped_and_the_request_stays_valid() {
    for host in [
        "bad host [::",
        "[::",
        "a:99999999",
        "a/b/../c?code=1",
        "u@h",
        "a#b",
        "",
        "é.example",
        "a\nb",
        "a, b",
    ] {
        for event in with_header("host", host) {
            let path = event["path"].as_str().or(event["rawPath"].as_str()).unwrap().to_owned();
            let (request, _) = read(&event);
            assert_eq!(request.headers().get(HOST), None, "{host}");
            // In API Gateway's first format the stage stands before the path.
            assert!(request.uri().path().ends_with(&path), "{host}: {}", request.uri());
        }
    }
    let mut event = first_format();
    event["headers"] = json!({});
    event["multiValueHeaders"] = json!({});
    event["requestContext"]["domainName"] = "bad host [::".into();
    assert_eq!(read(&event).0.uri().path(), "/prod/social-accounts-callback");
    for event in with_header("host", "[2001:db8::1]:8888") {
        assert_eq!(read(&event).0.headers()[HOST], "[2001:db8::1]:8888");
    }
}

#[test]
fn an_odd_forwarded_protocol_is_dropped_and_the_request_stays_valid() {
    for proto in ["1x", "", "https, http", "javascript", "a://b", "\u{0}"] {
        for event in with_header("x-forwarded-proto", proto) {
            assert!(!read(&event).0.headers().contains_key("x-forwarded-proto"), "{proto}");
        }
    }
}

#[test]
fn a_strangers_odd_cookie_does_not_cost_ours() {
    for event in with_header("cookie", "theirs=zürich; ours=1;; last=2") {
        let mut event = event;
        if event.get("cookies").is_some() {
            event["cookies"] = json!(["theirs=zürich", null, "ours=1", "last=2"]);
        }
        assert_eq!(read(&event).0.headers()[COOKIE], "ours=1; last=2", "{event}");
    }
}

#[test]
fn a_header_no_gateway_should_pass_is_dropped_alone() {
    for event in with_header("x-odd name", "1").into_iter().chain(with_header("x-odd", "a\r\nb")) {
        let (request, _) = read(&event);
        assert!(request.headers().keys().all(|name| !name.as_str().starts_with("x-odd")));
    }
}

#[test]
fn a_query_that_fits_no_uri_is_encoded_with_the_same_meaning() {
    let mut event = second_format();
    for (raw, meaning) in [("a=<b> c", "<b> c"), ("a=é\"", "é\""), ("a=1#2", "1#2"), ("a=%25%32%42", "%2B")]
    {
        event["rawQueryString"] = raw.into();
        assert_eq!(pairs(&read(&event).0), [("a".to_owned(), meaning.to_owned())], "{raw}");
    }
}

#[test]
fn a_path_stays_a_path() {
    for (path, seen) in [
        ("", "/"),
        ("no-slash", "/no-slash"),
        ("@h:99999999/", "/@h:99999999/"),
        ("/a?b=1#c", "/a%3Fb=1%23c"),
        ("//h/x", "//h/x"),
    ] {
        let mut event = without_context();
        event["path"] = path.into();
        assert_eq!(read(&event).0.uri().path(), seen, "{path}");
        let mut event = second_format();
        event["rawPath"] = path.into();
        assert_eq!(read(&event).0.uri().path(), seen, "{path}");
    }
}

fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: &'static [u8]) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from_static(body)).unwrap()
}

#[test]
fn a_request_described_as_netlify_does_is_read_back_as_it_was() {
    let uri =
        "/.netlify/functions/tiktok-callback?code=wFPH5-Aa_1*0%216410.e1&sign=a%252Bb&x=1&x=2&plus=a+b%2Bc";
    let headers =
        [("host", "127.0.0.1:8888"), ("cookie", "a=1"), ("cookie", "b=2"), ("x-many", "1"), ("x-many", "2")];
    for body in [&b"{\"k\":1}"[..], b"", b"\xff\x00\xfe"] {
        let sent = request("POST", uri, &headers, body);
        let event = netlify_event(&sent);
        assert!(event.get("requestContext").is_none(), "Netlify sends none");
        let (request, source) = read(&event);
        assert_eq!(source, Source::Http);
        assert_eq!(request.method(), sent.method());
        assert_eq!(request.uri().path(), sent.uri().path());
        assert_eq!(pairs(&request), pairs(&sent));
        let mut expected = HeaderMap::new();
        for (name, value) in [("host", "127.0.0.1:8888"), ("cookie", "a=1; b=2"), ("x-many", "1, 2")] {
            expected.insert(name, value.parse().unwrap());
        }
        assert_eq!(request.headers(), &expected);
        assert_eq!(request.body(), sent.body());
    }
}

#[test]
fn a_described_request_has_the_captured_events_shape() {
    let captured: Value = serde_json::from_str(NETLIFY).unwrap();
    let headers =
        [("host", "127.0.0.1:8894"), ("content-type", "application/json"), ("cookie", "sid=1; z=2")];
    let uri = "/.netlify/functions/tiktok-connect?user=a%20b&x=1&x=2";
    let event = netlify_event(&request("POST", uri, &headers, br#"{"k":1}"#));
    for (name, value) in event.as_object().unwrap() {
        if name.to_ascii_lowercase().contains("headers") {
            for (header, value) in value.as_object().unwrap() {
                assert_eq!(value, &captured[name][header], "{name} {header}");
            }
        } else {
            assert_eq!(value, &captured[name], "{name}");
        }
    }
}

#[test]
fn only_sqs_gets_a_batch_report() {
    let queue = queue().to_string();
    let report = |status| batch_report(queue.as_bytes(), status).unwrap();
    assert_eq!(report(StatusCode::OK), r#"{"batchItemFailures":[]}"#);
    assert_eq!(
        report(StatusCode::SERVICE_UNAVAILABLE),
        r#"{"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m2"}]}"#
    );
    let mixed = r#"{"Records":[
        {"messageId":"m1","eventSource":"aws:sqs","body":"{\"resultIds\":[\"no id\"]}"},
        {"messageId":"m2","eventSource":"aws:sqs","body":"{\"resultIds\":[]}"}]}"#;
    assert_eq!(
        batch_report(mixed.as_bytes(), StatusCode::OK).unwrap(),
        r#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#,
        "what can be read is not repeated for what cannot"
    );
    for other in [
        r#"{"detail-type":"Scheduled Event"}"#,
        "{}",
        r#"{"Records":[]}"#,
        r#"{"Records":[{"eventSource":"aws:s3"}]}"#,
    ] {
        assert_eq!(batch_report(other.as_bytes(), StatusCode::OK), None, "{other}");
    }
}
