//! Every function as a process: its binary starts on a Lambda runtime API and responds to events.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::database::Database;
use crate::runtime_api::{Outcome, RuntimeApi};

/// Returns a function's name and the path of its binary.
macro_rules! functions {
    ($($name:literal)*) => { &[$(($name, env!(concat!("CARGO_BIN_EXE_it-", $name)))),*] };
}

const FUNCTIONS: &[(&str, &str)] = functions![
    "social-accounts"
    "social-accounts-callback"
    "social-accounts-connect"
    "social-health"
    "social-openapi"
    "social-post-worker"
    "social-posts"
    "tiktok-callback"
    "tiktok-connect"
    "tiktok-webhook"
];

/// A deadline that no test will ever reach.
const LATER: u64 = 4_102_444_800_000;

/// The environment that an engineer sets for a deployment.
fn environment(database: &Database) -> Vec<(String, String)> {
    [
        ("APP_URL", "https://app.example"),
        ("DATABASE_URL", &database.app_url()),
        ("TOKEN_ENCRYPTION_KEYS", "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
        ("AUTH_JWT_SECRET", "a-secret-of-enough-bytes"),
        ("WORKER_SECRET", "another-secret-of-enough-bytes"),
        ("TIKTOK_CLIENT_KEY", "aw1"),
        ("TIKTOK_CLIENT_SECRET", "a-clients-secret"),
    ]
    .map(|(name, value): (&str, &str)| (name.to_owned(), value.to_owned()))
    .into()
}

/// A function's process and its runtime API. The process ends when this is dropped.
struct Function {
    api: RuntimeApi,
    process: Child,
}

impl Function {
    async fn start(name: &str, environment: Vec<(String, String)>) -> Self {
        let (_, binary) = FUNCTIONS.iter().find(|(listed, _)| *listed == name).unwrap();
        let api = RuntimeApi::start().await;
        let process = Command::new(binary)
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { api, process }
    }

    /// Returns its response to `event`.
    async fn answers(&mut self, event: &Value) -> Value {
        let answer = self.api.invoke(event, LATER);
        match tokio::time::timeout(Duration::from_secs(20), answer).await {
            Ok((asked, Outcome::Response { id, body })) if id == asked => body,
            outcome => panic!("{outcome:?}, {:?}", self.process.try_wait()),
        }
    }

    /// Ends it and returns its log.
    async fn log(mut self) -> String {
        self.process.start_kill().unwrap();
        String::from_utf8(self.process.wait_with_output().await.unwrap().stdout).unwrap()
    }

    /// Ends it and returns the lines of its log that are metrics for CloudWatch.
    async fn metrics(self) -> Vec<Value> {
        let log = self.log().await;
        let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line.get("_aws").is_some()).collect()
    }
}

/// Returns a request in API Gateway's first format, to a function's own path.
fn request(name: &str) -> Value {
    json!({
        "resource": "/{proxy+}", "path": format!("/.netlify/functions/{name}"), "httpMethod": "GET",
        "headers": { "host": "app.example", "x-forwarded-proto": "https" },
        "multiValueHeaders": { "host": ["app.example"], "x-forwarded-proto": ["https"] },
        "queryStringParameters": null, "multiValueQueryStringParameters": null,
        "pathParameters": null, "stageVariables": null,
        "requestContext": { "httpMethod": "GET", "requestTimeEpoch": 1, "stage": "prod" },
        "body": null, "isBase64Encoded": false,
    })
}

/// Returns the status of a response as a gateway reads it: the function's own, and no 5xx.
fn status(response: &Value) -> u64 {
    let status = response["statusCode"].as_u64();
    status.filter(|status| (200..500).contains(status)).unwrap_or_else(|| panic!("no status: {response}"))
}

#[test]
fn every_function_is_tested() {
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../functions")).unwrap();
    let mut folders: Vec<_> = folders.map(|folder| folder.unwrap().file_name()).collect();
    folders.sort();
    assert!(folders.iter().eq(FUNCTIONS.iter().map(|(name, _)| name)), "{folders:?}");
}

#[tokio::test]
async fn every_function_responds_to_a_request_and_survives_a_hostile_one() {
    let database = Database::create();
    for (name, _) in FUNCTIONS {
        let mut function = Function::start(name, environment(&database)).await;
        let expected = match *name {
            "tiktok-callback" | "social-accounts-callback" => 302,
            "tiktok-webhook" => 405,
            "social-health" | "social-openapi" => 200,
            _ => 401,
        };
        assert_eq!(status(&function.answers(&request(name)).await), expected, "{name}");
        for (header, value) in [("host", "bad host [::"), ("x-forwarded-proto", "1x")] {
            let mut hostile = request(name);
            hostile["headers"][header] = value.into();
            hostile["multiValueHeaders"][header] = json!([value]);
            assert_eq!(status(&function.answers(&hostile).await), expected, "{name}");
        }
        let mut unreadable = request(name);
        unreadable["httpMethod"] = "G T".into();
        assert_eq!(status(&function.answers(&unreadable).await), 400, "{name}");
        status(&function.answers(&request(name)).await);
        assert_eq!(function.process.try_wait().unwrap(), None, "{name} ended");
    }
}

/// Returns an event of a schedule.
fn scheduled() -> Value {
    json!({
        "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
        "source": "aws.events", "account": "123456789012", "time": "2026-12-02T18:30:00Z", "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:123456789012:rule/tick"], "detail": {},
    })
}

#[tokio::test]
async fn the_worker_responds_to_each_scheduler_in_its_own_format() {
    let database = Database::create();
    let mut worker = Function::start("social-post-worker", environment(&database)).await;
    let report = worker.answers(&scheduled()).await;
    assert_eq!((&report["leased"], report.get("statusCode")), (&json!(0), None), "{report}");
    let queue = json!({ "Records": [{ "messageId": "m1", "body": "{}", "eventSource": "aws:sqs" }] });
    assert!(worker.answers(&queue).await["batchItemFailures"].is_array());
}

#[tokio::test]
async fn a_run_that_failed_is_a_failed_invocation_and_a_request_that_failed_is_answered() {
    let database = Database::create();
    let mut nowhere = environment(&database);
    for (name, value) in &mut nowhere {
        if name == "DATABASE_URL" {
            *value = "postgres://nobody@127.0.0.1:1/none?sslmode=disable".to_owned();
        }
    }
    let mut worker = Function::start("social-post-worker", nowhere).await;
    let no_results = json!({ "resultIds": ["019ae2d0-1f6a-7b53-a3c8-2b7d5e90f1aa"] });
    for event in [json!({}), json!({ "dispatch": {} }), no_results, json!({ "dispatch": { "most": 0 } })] {
        let (asked, outcome) = worker.api.invoke(&event, LATER).await;
        let Outcome::Error { id, body } = outcome else { panic!("{event}: {outcome:?}") };
        let message = body["errorMessage"].as_str().unwrap();
        assert!(id == asked && message.starts_with("the run failed with "), "{event}: {body}");
    }
    // A queue reads its own report, and a gateway a status.
    let queue = json!({ "Records": [{ "messageId": "m1", "body": "{}", "eventSource": "aws:sqs" }] });
    assert_eq!(worker.answers(&queue).await, json!({ "batchItemFailures": [{ "itemIdentifier": "m1" }] }));
    let mut call = request("social-post-worker");
    call["httpMethod"] = "POST".into();
    call["headers"]["authorization"] = "Bearer another-secret-of-enough-bytes".into();
    call["multiValueHeaders"]["authorization"] = json!(["Bearer another-secret-of-enough-bytes"]);
    assert_eq!(worker.answers(&call).await["statusCode"], json!(503));
}

#[tokio::test]
async fn a_function_without_its_configuration_reports_once_what_is_missing_and_ends() {
    let database = Database::create();
    let mut incomplete = environment(&database);
    incomplete.retain(|(name, _)| name != "APP_URL" && name != "WORKER_SECRET");
    let function = Function::start("tiktok-connect", incomplete).await;
    let output = function.process.wait_with_output().await.unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    for name in ["APP_URL", "WORKER_SECRET"] {
        assert_eq!(said.matches(&format!("\n  {name}: ")).count(), 1, "{said}");
    }
    assert!(!said.contains("DATABASE_URL"), "{said}");
}

#[tokio::test]
async fn each_run_of_the_worker_is_a_line_of_cloudwatch_metrics_if_they_are_set() {
    let database = Database::create();
    let mut measured = environment(&database);
    measured.push(("METRICS".to_owned(), "emf".to_owned()));
    let mut worker = Function::start("social-post-worker", measured).await;
    for _ in 0..2 {
        worker.answers(&scheduled()).await;
    }
    worker.answers(&json!({ "dispatch": {} })).await;
    let lines = worker.metrics().await;
    assert_eq!(lines.len(), 2, "{lines:?}");
    for (line, starts) in lines.iter().zip([1, 0]) {
        assert!(line["_aws"]["Timestamp"].as_u64().is_some_and(|at| at > 1_700_000_000_000), "{line}");
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "SocialPublisher");
        assert_eq!(directive["Dimensions"], json!([["FunctionName"]]));
        assert_eq!(line["FunctionName"], "social-post-worker");
        let metrics = directive["Metrics"].as_array().unwrap();
        assert_eq!(metrics.len(), 9, "{line}");
        for metric in metrics {
            let name = metric["Name"].as_str().unwrap();
            assert!(line[name].is_u64(), "{name} in {line}");
        }
        assert_eq!((&line["Leased"], &line["ColdStart"]), (&json!(0), &json!(starts)), "{line}");
    }
    let mut silent = Function::start("social-post-worker", environment(&database)).await;
    silent.answers(&scheduled()).await;
    assert_eq!(silent.metrics().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_log_holds_no_event_at_any_level() {
    let database = Database::create();
    let mut talkative = environment(&database);
    talkative.push(("RUST_LOG".to_owned(), "trace,lambda_runtime=trace".to_owned()));
    let mut function = Function::start("social-posts", talkative).await;
    let mut event = request("social-posts");
    event["headers"]["authorization"] = "Bearer canary".into();
    event["queryStringParameters"] = json!({ "code": "canary" });
    event["body"] = r#"{"caption":"canary"}"#.into();
    function.answers(&event).await;
    let logged = function.log().await;
    assert!(!logged.contains("canary"), "{logged}");
    for line in logged.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok_and(|line| line["level"] != "TRACE"), "{line}");
    }
}
