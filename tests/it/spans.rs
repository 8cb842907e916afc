//! The spans that a tracer collects from the worker.

use serde_json::Value;
use social_sandbox::{Fault, FaultKind};
use uuid::Uuid;

use crate::logs::Logs;
use crate::source::video;
use crate::world::{World, public};

#[tokio::test]
async fn each_run_and_each_step_is_a_span_with_its_outcome_and_without_urls_and_texts() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(200_000));
    let post = world.publish("alice", &account, &url, public()).await;
    let busy = FaultKind::Status { status: 500, code: "internal_error".to_owned(), retry_after: None };
    world.sandbox.fail(Fault::tiktok("video_init", busy).times(1));
    let (logs, hearing) = Logs::of_a_tracer();
    world.run_to_the_end().await;
    drop(hearing);

    let spans: Vec<Value> = logs.lines().into_iter().map(|line| line["span"].clone()).collect();
    let runs: Vec<&Value> = spans.iter().filter(|span| span["name"] == "run").collect();
    assert!(runs.iter().any(|run| run["leased"] == 1 && run["published"] == 1), "{runs:#?}");
    let steps: Vec<&Value> = spans.iter().filter(|span| span["name"] == "step").collect();
    let made: Vec<(String, String)> = steps
        .iter()
        .filter(|step| step["outcome"].is_string())
        .map(|step| (step["step"].as_str().unwrap().to_owned(), step["outcome"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(made, world.ledger("alice", &post).await);
    for step in &steps {
        assert_eq!(
            (&step["platform"], &step["post.id"]),
            (&Value::from("tiktok"), &Value::from(post.as_str()))
        );
        let request = step["request.id"].as_str().unwrap();
        assert!(Uuid::parse_str(request).is_ok() && runs.iter().any(|run| run["request.id"] == request));
    }
    let refused = steps.iter().find(|step| step["outcome"] == "refused").unwrap();
    assert_eq!(refused["otel.name"], "tiktok init");
    assert_eq!(
        (&refused["http.response.status_code"], &refused["otel.status_code"]),
        (&500.into(), &"ERROR".into())
    );
    assert_eq!(refused["log.id"].as_str().map(str::len), Some(32), "{refused}");
    let shown = format!("{spans:?}");
    for text in ["hello", "http:", "v.mp4", "alice", "demokitchen"] {
        assert!(!shown.contains(text), "{text} in {shown}");
    }
}
