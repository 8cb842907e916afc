//! The important data in the responses of both platforms.

use super::*;
use crate::platform::odd_replies::Sample;

fn at(status: u16, reply: &Reply) -> Reply {
    Reply { status, ..reply.clone() }
}

pub(in crate::platform) fn samples() -> Vec<Sample> {
    let usage = json!({"call_count": 28, "total_time": 95, "total_cputime": 25});
    let regain =
        json!({"104": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 12}]});
    let header = |name: &'static str| {
        move |reply: &Reply| {
            let mut told = self::reply(200, &json!({}));
            // A value that no header can hold never arrives in one.
            let value = HeaderValue::from_bytes(&reply.body);
            told.headers.extend(value.ok().map(|value| (http::HeaderName::from_static(name), value)));
            format!("{:?}", pressed(Duration::from_secs(15), &told))
        }
    };
    vec![
        Sample {
            types: &["meta/Envelope", "meta/GraphError"],
            good: graph_error(190, Some(460)),
            essential: &["/error/code", "/error/error_subcode"],
            read: Box::new(|reply| {
                read::<Value>(&[], &at(400, reply)).map_or_else(|error| error.code, |read| read.to_string())
            }),
        },
        Sample {
            types: &["meta/Answer", "meta/DebugInfo"],
            good: json!({"debug_info": {"retriable": false, "type": "ProcessingFailedError", "message": "x"}}),
            essential: &["/debug_info/type"],
            read: Box::new(|reply| format!("{:?}", read_upload(&at(400, reply)))),
        },
        Sample {
            types: &["meta/Entry"],
            good: usage,
            essential: &["/total_time", "/call_count", "/total_cputime"],
            read: Box::new(header("x-app-usage")),
        },
        Sample {
            types: &[],
            good: regain,
            essential: &["/104/0/call_count", "/104/0/estimated_time_to_regain_access"],
            read: Box::new(header("x-business-use-case-usage")),
        },
    ]
}

#[test]
fn an_error_is_one_although_a_member_of_it_is_odd() {
    let code = |body: &Value| read::<Value>(&[], &reply(400, body)).unwrap_err().code;
    assert_eq!(code(&json!({"error": {"code": "190", "error_subcode": "460", "message": null}})), "190/460");
    assert_eq!(code(&json!({"error": {"code": 190.0, "error_subcode": {}, "error_data": "text"}})), "190");
    assert_eq!(code(&json!({"error": {"code": 190, "error_data": {"a": 1}, "is_transient": "no"}})), "190");
    assert_eq!(code(&json!({"error": {"error_subcode": 2_207_006}})), "2207006");
    // None of these can be decoded, and each is an error.
    for odd in [json!("invalid"), json!(["invalid"]), json!(7), json!(true), json!({"code": {}})] {
        let read = read::<Value>(&[], &reply(200, &json!({"id": "1", "error": odd})));
        assert_eq!(read.unwrap_err().code, "http_200", "{odd}");
    }
    for none in [json!(null), json!({}), json!([]), json!(""), json!(false), json!(0)] {
        assert!(read::<Value>(&[], &reply(200, &json!({"id": "1", "error": none}))).is_ok(), "{none}");
    }
}

#[test]
fn the_data_of_an_error_is_an_object_or_a_text_that_holds_one() {
    let data = json!({"start_offset": "5"});
    for data in [data.clone(), json!(data.to_string())] {
        let body = json!({"error": {"code": 6001, "error_data": data}});
        let told: std::collections::HashMap<String, String> =
            GraphError::of(&reply(400, &body)).unwrap().data();
        assert_eq!(told["start_offset"], "5");
    }
}
