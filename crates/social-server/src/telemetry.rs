//! OpenTelemetry: sends traces and metrics over OTLP. The SDK reads its own variables, `OTEL_…`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use bytes::Bytes;
use http::Method;
use metrics_opentelemetry::{OpenTelemetryMetrics, OpenTelemetryRecorder};
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use social_core::trace::TARGET;
use social_core::web::Functions;
use tokio::runtime::{self, Runtime};
use tracing::Instrument as _;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use crate::error::ServerError;
use crate::vars::Vars;

/// The service's name, if no variable sets one.
const SERVICE: &str = "social-publisher";
/// 10 s: the default of `OTEL_EXPORTER_OTLP_TIMEOUT`, which still limits all tries together.
const PATIENCE: Duration = Duration::from_secs(10);
/// Half a second for each of the two: with the time for calls and leases, a stop stays below 12 s.
const GRACE: Duration = Duration::from_millis(500);

/// What sends telemetry; nothing without `OTEL_EXPORTER_OTLP_ENDPOINT`.
pub(crate) struct Telemetry(Option<Providers>);

struct Providers {
    tracer: SdkTracerProvider,
    meter: SdkMeterProvider,
}

impl Telemetry {
    /// Starts the threads that send. Call it outside of a runtime.
    pub(crate) fn start(vars: &Vars) -> Result<Self, ServerError> {
        if vars.find("OTEL_EXPORTER_OTLP_ENDPOINT").is_none() {
            return Ok(Self(None));
        }
        Providers::start().map(|providers| Self(Some(providers))).ok_or(ServerError::Telemetry)
    }

    /// Returns what collects the spans.
    pub(crate) fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    {
        let tracer = self.0.as_ref()?.tracer.tracer(SERVICE);
        let layer = tracing_opentelemetry::layer().with_tracer(tracer);
        // Only our spans: the log's lines, and other libraries' spans, may hold texts.
        let ours = filter_fn(|metadata| metadata.is_span() && metadata.target() == TARGET);
        let layer = layer.with_location(false).with_threads(false).with_target(false);
        Some(layer.with_tracked_inactivity(false).with_filter(ours))
    }

    /// Returns what takes the metrics, with the buckets of a histogram.
    pub(crate) fn recorder(&self, histogram: &'static str, buckets: &[f64]) -> Option<OpenTelemetryRecorder> {
        let meter = self.0.as_ref()?.meter.meter(SERVICE);
        let mut recorder = OpenTelemetryRecorder::new(OpenTelemetryMetrics::new(meter));
        recorder.set_histogram_bounds_mut([histogram].into_iter(), buckets);
        Some(recorder)
    }

    /// Adds a span to each request of these routes.
    pub(crate) fn trace(&self, router: Router, functions: Arc<Functions>) -> Router {
        if self.0.is_some() {
            router.layer(middleware::from_fn_with_state(functions, traced))
        } else {
            router
        }
    }

    /// Sends what is left, for a limited time.
    pub(crate) fn end(self) {
        let Some(Providers { tracer, meter }) = self.0 else { return };
        if tracer.shutdown_with_timeout(GRACE).and(meter.shutdown_with_timeout(GRACE)).is_err() {
            tracing::warn!(error.code = "telemetry_unsent", "the last traces or metrics could not be sent");
        }
    }
}

impl Providers {
    fn start() -> Option<Self> {
        let sender: Arc<dyn HttpClient> = Arc::new(Sender::new()?);
        let spans =
            SpanExporter::builder().with_http().with_shared_http_client(Arc::clone(&sender)).build().ok()?;
        let metrics = MetricExporter::builder().with_http().with_shared_http_client(sender).build().ok()?;
        let resource = resource();
        Some(Self {
            tracer: SdkTracerProvider::builder()
                .with_batch_exporter(spans)
                .with_resource(resource.clone())
                .build(),
            meter: SdkMeterProvider::builder()
                .with_periodic_exporter(metrics)
                .with_resource(resource)
                .build(),
        })
    }
}

/// Sends on the threads of the SDK. Its runtime is its own, so it works until the process ends.
#[derive(Debug)]
struct Sender {
    client: reqwest::Client,
    runtime: Runtime,
}

impl Sender {
    fn new() -> Option<Self> {
        let client = reqwest::Client::builder().tls_backend_preconfigured(social_core::http::tls_config());
        Some(Self {
            client: client.timeout(PATIENCE).build().ok()?,
            runtime: runtime::Builder::new_current_thread().enable_all().build().ok()?,
        })
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        self.runtime.block_on(self.client.send_bytes(request))
    }
}

/// Returns what the variables say about this process, and our name where they say none.
fn resource() -> Resource {
    let found = Resource::builder().build();
    let name = found.get(&"service.name".into()).map(|name| name.to_string());
    let is_named = name.is_some_and(|name| !name.starts_with("unknown_service"));
    if is_named { found } else { Resource::builder().with_service_name(SERVICE).build() }
}

/// Responds within a span, which continues the caller's trace (W3C Trace Context).
async fn traced(State(functions): State<Arc<Functions>>, request: Request, next: Next) -> Response {
    let method = standard(request.method());
    // A path may hold what a user typed. The function's name does not.
    let function = functions.of(request.uri().path()).map_or("unknown", |function| function.name());
    let span = tracing::trace_span!(
        target: TARGET, "request", otel.name = format!("{method} {function}"), otel.kind = "server",
        otel.status_code = Empty, http.request.method = method, function,
        http.response.status_code = Empty, request.id = Empty
    );
    // It fails only if no tracer collects the span.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&HeaderExtractor(request.headers())));
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    if let Some(id) = response.headers().get("x-request-id").and_then(|id| id.to_str().ok()) {
        span.record("request.id", id);
    }
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    response
}

/// Returns a method's name, or what the semantic conventions put in place of one that a caller made up.
fn standard(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}
