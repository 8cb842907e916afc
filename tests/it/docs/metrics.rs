//! The metrics: what the program exposes, the page, the alert rules and the dashboard name the same ones.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::{at, cells, code_of, docs, listed, section, table, texts};

const ALERTS: &str = "deploy/prometheus/alerts.yaml";
const DASHBOARD: &str = "deploy/grafana/social-publisher.json";

/// The names of metrics in a text. Prometheus derives three names from that of a histogram.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    let names = words.filter(|word| word.starts_with("social_"));
    let derived = ["_bucket", "_sum", "_count"];
    names
        .map(|name| derived.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned())
        .collect()
}

/// The metrics that the program exposes.
fn exposed() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in ["crates/social-core/src/meter.rs", "crates/social-server/src/metrics.rs"] {
        for text in texts(&code_of(&at(file))) {
            found.extend(names(text));
        }
    }
    assert!(found.len() >= 13, "only {found:?}");
    found
}

/// The texts of every member of that name.
fn members<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    match value {
        Value::Object(members_of) => members_of
            .iter()
            .flat_map(|(key, value)| match value.as_str() {
                Some(text) if key == name => vec![text],
                _ => members(value, name),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(|value| members(value, name)).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_page_lists_the_metrics_that_the_program_exposes() {
    let page = docs("monitor.md");
    let scrape = section(&page, "Scrape metrics");
    let mut rows = BTreeSet::new();
    for name in listed(scrape) {
        rows.extend(names(name));
    }
    assert_eq!(rows, exposed());
    for file in [ALERTS, DASHBOARD] {
        assert!(scrape.contains(file), "docs/monitor.md does not name {file}");
    }
}

#[test]
fn every_metric_of_the_alert_rules_is_exposed() {
    let used = names(&fs::read_to_string(at(ALERTS)).unwrap());
    assert!(used.len() >= 6, "only {used:?}");
    let unknown: Vec<_> = used.difference(&exposed()).cloned().collect();
    assert!(unknown.is_empty(), "{ALERTS} uses {unknown:?}");
}

#[test]
fn the_dashboard_shows_exactly_the_metrics_that_are_exposed() {
    let dashboard: Value = serde_json::from_str(&fs::read_to_string(at(DASHBOARD)).unwrap()).unwrap();
    let shown = members(&dashboard["panels"], "expr");
    assert_eq!(names(&shown.join(" ")), exposed());
    let lists = members(&dashboard["templating"], "query").join(" ");
    assert!(names(&lists).is_subset(&exposed()), "{lists}");
    // Grafana keeps the first of two panels with one id.
    let ids: BTreeSet<_> =
        dashboard["panels"].as_array().unwrap().iter().map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), dashboard["panels"].as_array().unwrap().len());
}

/// The metrics of CloudWatch with their units.
fn written() -> Vec<Vec<String>> {
    let code = code_of(&at("crates/social-core/src/web/emf.rs"));
    let texts: Vec<String> = texts(&code).map(str::to_owned).collect();
    let units = ["Count", "Seconds", "Milliseconds"];
    let written: Vec<_> =
        texts.windows(2).filter(|two| units.contains(&two[1].as_str())).map(<[_]>::to_vec).collect();
    assert!(written.len() >= 8, "only {written:?}");
    written
}

#[test]
fn every_alarm_of_the_aws_template_uses_a_metric_that_the_worker_writes() {
    let template = fs::read_to_string(at("deploy/aws/template.yaml")).unwrap();
    let used = template.split("Namespace: SocialPublisher\n      MetricName: ").skip(1);
    let used: Vec<&str> = used.map(|rest| rest.lines().next().unwrap()).collect();
    assert!(used.len() >= 2, "only {used:?}");
    for name in used {
        assert!(written().iter().any(|metric| metric[0] == name), "the worker writes no {name}");
    }
}

#[test]
fn the_page_lists_the_metrics_of_cloudwatch_with_their_units() {
    let page = docs("monitor.md");
    let rows: Vec<_> = table(&page, "| metric | unit |")
        .into_iter()
        .map(|row| cells(row)[..2].iter().map(|cell| cell.trim_matches('`')).collect::<Vec<_>>())
        .collect();
    assert_eq!(rows, written());
}
