//! OpenTelemetry of `serve`, against a receiver that decodes OTLP.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::net::Ipv4Addr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, Uri};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{NumberDataPoint, number_data_point};
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::runtime::Runtime;

use crate::doctor::VARS;
use crate::place::{Place, Running};
use crate::serving;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";
const TOKEN: &str = "the-token-of-all-scrapes";

/// A request, as it arrived.
#[derive(Debug, Clone)]
struct Received {
    path: String,
    key: Option<String>,
    body: Bytes,
}

/// Receives OTLP over HTTP.
struct Receiver {
    _runtime: Runtime,
    url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    fn start() -> Self {
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let take = |State(received): State<Arc<Mutex<Vec<Received>>>>, uri: Uri, headers: HeaderMap, body| async move {
            let key = headers.get("x-key").map(|key| key.to_str().unwrap().to_owned());
            received.lock().unwrap().push(Received { path: uri.path().to_owned(), key, body });
        };
        let router = Router::new()
            .route("/v1/traces", post(take))
            .route("/v1/metrics", post(take))
            .with_state(Arc::clone(&received));
        let runtime = Runtime::new().unwrap();
        let socket = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(socket, router).await });
        Self { _runtime: runtime, url, received }
    }

    fn of<M: prost::Message + Default>(&self, path: &str) -> Vec<M> {
        let received = self.received.lock().unwrap();
        let bodies = received.iter().filter(|received| received.path == path);
        bodies.map(|received| M::decode(received.body.clone()).unwrap()).collect()
    }

    fn spans(&self) -> Vec<Span> {
        let requests: Vec<ExportTraceServiceRequest> = self.of("/v1/traces");
        let resources = requests.into_iter().flat_map(|request| request.resource_spans);
        let scopes = resources.flat_map(|resource| {
            let named = text(&resource.resource.as_ref().unwrap().attributes, "service.name");
            assert_eq!(named.as_deref(), Some("social-publisher"));
            resource.scope_spans
        });
        scopes.flat_map(|scope| scope.spans).collect()
    }

    /// Returns the last value of each metric that has one number, in the words of `/metrics`.
    fn metrics(&self) -> BTreeMap<String, f64> {
        let requests: Vec<ExportMetricsServiceRequest> = self.of("/v1/metrics");
        let resources = requests.into_iter().flat_map(|request| request.resource_metrics);
        let metrics = resources.flat_map(|resource| resource.scope_metrics).flat_map(|scope| scope.metrics);
        let mut values = BTreeMap::new();
        for metric in metrics {
            let points = match metric.data.unwrap() {
                Data::Gauge(gauge) => gauge.data_points,
                Data::Sum(sum) => sum.data_points,
                other => panic!("{other:?}"),
            };
            values.extend(points.iter().map(|point| (shown(&metric.name, point), number(point))));
        }
        values
    }
}

fn text(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    match found.value.clone()? {
        AnyValue { value: Some(Value::StringValue(text)) } => Some(text),
        AnyValue { value: Some(Value::IntValue(number)) } => Some(number.to_string()),
        other => panic!("{other:?}"),
    }
}

fn shown(name: &str, point: &NumberDataPoint) -> String {
    let labels: Vec<String> = point
        .attributes
        .iter()
        .map(|label| format!("{}=\"{}\"", label.key, text(std::slice::from_ref(label), &label.key).unwrap()))
        .collect();
    if labels.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", labels.join(",")) }
}

fn number(point: &NumberDataPoint) -> f64 {
    match point.value.unwrap() {
        number_data_point::Value::AsDouble(number) => number,
        number_data_point::Value::AsInt(number) => f64::from(i32::try_from(number).unwrap()),
    }
}

fn named<'a>(spans: &'a [Span], name: &str, request: &str) -> &'a Span {
    let is_it =
        |span: &&Span| span.name == name && text(&span.attributes, "request.id").as_deref() == Some(request);
    spans.iter().find(is_it).unwrap_or_else(|| panic!("{name} of {request} in {spans:#?}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[test]
fn traces_continue_the_callers_and_metrics_are_those_of_a_scrape_and_both_are_sent_before_the_end() {
    let receiver = Receiver::start();
    let place = Place::new("otel");
    let server = private_postgres::shared_for_tests("otel", |_| Ok(())).unwrap();
    let url = server.url("postgres");
    let vars = [
        &VARS[..],
        &[
            ("DATABASE_URL", url.as_str()),
            ("METRICS_TOKEN", TOKEN),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url.as_str()),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=of-the-receiver"),
        ],
    ]
    .concat();
    assert!(place.run(&["migrate"], &vars).0.status.success());
    let mut command = place.command();
    command.arg("serve").envs(vars.iter().copied());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut running = Running::of(child, serving(&mut lines));

    let context = format!("traceparent: 00-{TRACE}-{PARENT}-01\r\n");
    let health = format!("{context}x-request-id: health-1\r\n");
    assert_eq!(running.get("/api/social-health", &health).0, 200);
    let run = format!("{context}x-request-id: run-1\r\nauthorization: Bearer {}\r\n", VARS[3].1);
    assert_eq!(running.send("POST", "/api/social-post-worker", &run).0, 200);
    assert_eq!(running.get("/api/canary-of-a-path?code=canary", "").0, 404);
    let scrape = format!("authorization: Bearer {TOKEN}\r\n");
    let (_, scraped) = running.get("/metrics", &scrape);

    running.signal("-TERM");
    let mut log = String::new();
    std::io::Read::read_to_string(&mut lines, &mut log).unwrap();
    assert!(running.child.wait().unwrap().success(), "{log}");

    let spans = receiver.spans();
    for (name, request) in [("GET social-health", "health-1"), ("POST social-post-worker", "run-1")] {
        let span = named(&spans, name, request);
        assert_eq!((hex(&span.trace_id), hex(&span.parent_span_id)), (TRACE.to_owned(), PARENT.to_owned()));
        assert_eq!(text(&span.attributes, "http.response.status_code").as_deref(), Some("200"));
    }
    let (request, run) = (named(&spans, "POST social-post-worker", "run-1"), named(&spans, "run", "run-1"));
    assert_eq!((&run.trace_id, &run.parent_span_id), (&request.trace_id, &request.span_id));
    assert_eq!(text(&run.attributes, "leased").as_deref(), Some("0"));
    assert!(spans.iter().any(|span| span.name == "GET unknown"), "{spans:#?}");

    let mut compared = 0;
    let exported = receiver.metrics();
    for line in scraped.lines().filter(|line| line.starts_with("social_")) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        // The worker's timer may have called since.
        if name != "social_worker_since_last_call_seconds" {
            assert_eq!(exported.get(name), Some(&value.parse().unwrap()), "{name} in {exported:#?}");
        }
        compared += 1;
    }
    assert_eq!((compared, exported.len()), (10, 10), "{scraped}");

    for received in receiver.received.lock().unwrap().iter() {
        assert_eq!(received.key.as_deref(), Some("of-the-receiver"));
        let sent = String::from_utf8_lossy(&received.body);
        for secret in ["canary", VARS[3].1, TOKEN, url.as_str()] {
            assert!(!sent.contains(secret), "{secret} in {sent}");
        }
    }
}
