//! Errors, usage and texts, as Meta's pages show them.

pub(in crate::platform) mod odd;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::*;
use crate::http::Reply;
use crate::model::{HeldReason, HoldScope, Window};
use crate::platform::error::ErrorTable;
use crate::platform::{Disposition, PlatformError};

fn reply(status: u16, body: &Value) -> Reply {
    Reply { status, headers: HeaderMap::new(), body: Bytes::from(body.to_string()) }
}

/// Returns an error as Graph writes it.
pub(in crate::platform) fn graph_error(code: i64, subcode: Option<i64>) -> Value {
    json!({"error": {"message": "x", "type": "OAuthException", "code": code, "error_subcode": subcode,
        "is_transient": false, "fbtrace_id": "AbC123"}})
}

fn sorted(status: u16, code: i64, subcode: Option<i64>) -> PlatformError {
    read::<Value>(&[], &reply(status, &graph_error(code, subcode))).unwrap_err()
}

/// Checks that a platform's table gives every documented code its disposition and a sentence.
pub(in crate::platform) fn assert_documented(lines: &str, table: ErrorTable) {
    for line in lines.lines().filter(|line| !line.starts_with('#')) {
        let [code, subcode, class] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let body = graph_error(code.parse().unwrap(), subcode.parse().ok());
        let error = read::<Value>(table, &reply(400, &body)).unwrap_err();
        let found = match error.disposition {
            Disposition::Retry { .. } => "again",
            Disposition::Ambiguous => "ask",
            Disposition::UserFixable => "fixable",
            Disposition::Permanent => "permanent",
            Disposition::Reconnect => "reconnect",
            Disposition::Hold { .. } => "hold",
            Disposition::RefreshToken => "refresh",
        };
        assert_eq!(found, class, "{line}: {error}");
        assert!(error.message.ends_with('.') && error.message.len() > 30, "{line}: {}", error.message);
        assert!(!error.message.contains("code we don't know"), "{line}");
    }
}

#[test]
fn the_subcode_decides_before_the_code_and_the_code_before_the_status() {
    assert_eq!(sorted(400, 190, Some(460)).code, "190/460");
    assert_eq!(sorted(401, 190, None).code, "190");
    assert_eq!(sorted(400, 190, Some(999)).code, "190", "an unknown subcode leaves its code");
    assert_eq!(sorted(400, 100, Some(33)).code, "100/33");
    assert_eq!(sorted(200, 190, None).disposition, Disposition::Reconnect, "a 200 may carry an error too");
    for code in [10, 200, 275, 299] {
        assert_eq!(sorted(400, code, None).disposition, Disposition::Reconnect, "{code}");
    }
    assert_eq!(sorted(400, 300, None).disposition, Disposition::Permanent);
    assert_eq!(
        (sorted(400, 300, None).code.as_str(), sorted(400, 5, Some(77)).code.as_str()),
        ("300", "5/77")
    );
    let log_id = sorted(400, -2, None).log_id;
    assert_eq!(log_id.as_deref(), Some("AbC123"));
}

#[test]
fn what_meta_calls_transient_is_tried_again() {
    let body = json!({"error": {"code": 99, "is_transient": true}});
    let error = read::<Value>(&[], &reply(400, &body)).unwrap_err();
    assert_eq!(error.disposition, Disposition::Retry { after: None });
    assert_eq!(sorted(400, 2, None).disposition, Disposition::Ambiguous);
    assert_eq!(sorted(500, 99, None).disposition, Disposition::Ambiguous);
}

#[test]
fn every_code_that_any_call_may_meet_has_a_sentence() {
    let codes = [1, 2, 3, 4, 10, 17, 32, 100, 102, 190, 200, 341, 368, 506, 613, 80_001, 80_002];
    for code in codes {
        let error = sorted(400, code, None);
        assert_eq!(error.code, code.to_string());
        assert!(error.message.ends_with('.') && !error.message.contains("code we don't know"), "{code}");
    }
    for subcode in [458, 459, 460, 463, 464, 467, 492] {
        let error = sorted(400, 190, Some(subcode));
        assert_eq!((error.code, error.disposition), (format!("190/{subcode}"), Disposition::Reconnect));
    }
}

#[test]
fn a_throttled_call_waits_as_long_as_the_header_says() {
    let hold = |window, scope| Disposition::Hold {
        reason: HeldReason::RateLimit,
        window: Window::For(window),
        scope,
    };
    let hour = Duration::from_hours(1);
    assert_eq!(sorted(400, 32, None).disposition, hold(hour, HoldScope::Account));
    assert_eq!(sorted(400, 4, None).disposition, hold(hour, HoldScope::Platform), "the app's own budget");
    let mut throttled = reply(400, &graph_error(32, None));
    let usage = r#"{"104":[{"type":"ads","call_count":1},{"type":"pages","call_count":100,"total_cputime":3,"total_time":4,"estimated_time_to_regain_access":12}]}"#;
    throttled.headers.insert("x-business-use-case-usage", HeaderValue::from_static(usage));
    let window = Duration::from_mins(12);
    let told = read::<Value>(&[], &throttled).unwrap_err().disposition;
    assert_eq!(told, hold(window, HoldScope::Account));
    assert_eq!(pressed(Duration::from_secs(15), &throttled), window);
}

#[test]
fn a_budget_that_is_nearly_used_up_makes_checks_rarer() {
    let mut calm = reply(200, &json!({}));
    let pause = Duration::from_secs(15);
    assert_eq!(pressed(pause, &calm), pause);
    for (usage, expected) in [
        (r#"{"call_count":28,"total_time":25,"total_cputime":25}"#, pause),
        (r#"{"call_count":28,"total_time":90,"total_cputime":25}"#, Duration::from_mins(10)),
        ("no JSON", pause),
    ] {
        calm.headers.insert("x-app-usage", HeaderValue::from_str(usage).unwrap());
        assert_eq!(pressed(pause, &calm), expected, "{usage}");
    }
}

#[test]
fn the_status_is_queried_if_the_upload_host_expects_another_offset() {
    let debug = |kind: &str| json!({"debug_info": {"retriable": false, "type": kind, "message": "x"}});
    let read = |status, body: &Value| read_upload(&reply(status, body)).unwrap();
    assert_eq!(read(200, &json!({"success": true})), UploadAnswer::Whole);
    assert_eq!(read(200, &json!({"success": true, "message": "Upload successful."})), UploadAnswer::Whole);
    assert_eq!(read(200, &json!({"success": false})), UploadAnswer::Ask);
    assert_eq!(read(400, &debug("OffsetInvalidError")), UploadAnswer::Ask);
    assert_eq!(read(400, &debug("PartialRequestError")), UploadAnswer::Ask);
    assert_eq!(read(401, &debug("NotAuthorizedError")), UploadAnswer::Ask);
    assert_eq!(read(400, &debug("ProcessingFailedError")), UploadAnswer::Unusable);
    let trouble = read_upload(&reply(503, &json!({}))).unwrap_err();
    assert_eq!(trouble.disposition, Disposition::Ambiguous);
}

#[test]
fn a_text_is_cut_where_a_character_ends() {
    let family = "👨\u{200d}👩\u{200d}👧";
    assert_eq!(family.chars().count(), 5);
    assert_eq!(cut(&format!("{}{family}", "x".repeat(2_196)), 2_200), "x".repeat(2_196));
    assert_eq!(cut(&format!("{}{family}", "x".repeat(2_195)), 2_200).chars().count(), 2_200);
    assert_eq!(cut("short", 2_200), "short");
}

#[test]
fn only_whole_numbers_of_seven_digits_are_codes() {
    let text = "Error: Media upload 17990000000000777 has failed with error code 2207026, not 220702";
    assert_eq!(numbers_in(text).collect::<Vec<_>>(), ["2207026"]);
}
