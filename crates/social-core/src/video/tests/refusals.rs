//! Refusals of storage services, word for word except for names and ids.

use super::server::{Server, raw, sources};

const OVER: &str = "Sun, 22 Nov 2026 11:05:01 GMT";
const NOT_YET: &str = "Sun, 22 Nov 2026 10:30:00 GMT";

/// A signature that ends at 2026-11-22T11:00:00Z.
const AMZ: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261122%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261122T100000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0123";
const GOOG: &str = "X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=a%40b.iam.gserviceaccount.com%2F20261122%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20261122T100000Z&X-Goog-Expires=3600&X-Goog-SignedHeaders=host&X-Goog-Signature=0123";
const CANNED: &str = "Expires=1795345200&Signature=abc&Key-Pair-Id=K2JCJMDEHXQW5F";
const SAS: &str =
    "sv=2024-11-04&st=2026-11-22T10%3A00%3A00Z&se=2026-11-22T11%3A00%3A00Z&sr=b&sp=r&sig=abc%3D";

struct Refusal {
    service: &'static str,
    query: &'static str,
    status: &'static str,
    date: &'static str,
    body: &'static str,
    code: &'static str,
}

#[rustfmt::skip]
const REFUSALS: &[Refusal] = &[
    Refusal { service: "S3, signature 4", query: AMZ, status: "403 Forbidden", date: OVER, code: "video_url_expired",
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>3600</X-Amz-Expires><Expires>2026-11-22T11:00:00Z</Expires><ServerTime>2026-11-22T11:05:01Z</ServerTime><RequestId>7BZ0EXAMPLE</RequestId><HostId>abc=</HostId></Error>"# },
    Refusal { service: "S3, signature 2", query: "AWSAccessKeyId=AKIDEXAMPLE&Expires=1795345200&Signature=abc%3D", status: "403 Forbidden", date: OVER, code: "video_url_expired",
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired</Message><Expires>2026-11-22T11:00:00Z</Expires><ServerTime>2026-11-22T11:05:01Z</ServerTime><RequestId>7BZ0EXAMPLE</RequestId><HostId>abc=</HostId></Error>"# },
    // The role's credentials end before the signature does: the URL does not show it.
    Refusal { service: "S3, temporary credentials", query: "X-Amz-Security-Token=IQoJ&X-Amz-Date=20261122T100000Z&X-Amz-Expires=604800", status: "400 Bad Request", date: OVER, code: "video_url_expired",
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message><Token-0>IQoJ</Token-0><RequestId>7BZ0EXAMPLE</RequestId><HostId>abc=</HostId></Error>"# },
    Refusal { service: "S3, private", query: "", status: "403 Forbidden", date: OVER, code: "video_access_denied",
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>7BZ0EXAMPLE</RequestId><HostId>abc=</HostId></Error>"# },
    Refusal { service: "S3, wrong signature", query: AMZ, status: "403 Forbidden", date: NOT_YET, code: "video_access_denied",
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message></Error>"# },
    Refusal { service: "S3, no such key", query: AMZ, status: "404 Not Found", date: NOT_YET, code: "video_not_found",
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>v.mp4</Key></Error>"# },
    Refusal { service: "S3, in haste", query: AMZ, status: "503 Slow Down", date: NOT_YET, code: "video_server_error",
        body: r"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>" },
    Refusal { service: "S3, another region", query: AMZ, status: "307 Temporary Redirect", date: NOT_YET, code: "video_url_redirects",
        body: r"<Error><Code>TemporaryRedirect</Code><Message>Please re-send this request to the specified temporary endpoint.</Message></Error>" },
    Refusal { service: "MinIO", query: AMZ, status: "403 Forbidden", date: OVER, code: "video_url_expired",
        body: r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired</Message><Resource>/b/v.mp4</Resource><RequestId>17F</RequestId></Error>"# },
    // R2's error codes page, as corrected on 2026-07-30; it said 400 before.
    Refusal { service: "R2", query: AMZ, status: "403 Forbidden", date: OVER, code: "video_url_expired",
        body: r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>ExpiredRequest</Code><Message>Request has expired</Message></Error>"# },
    Refusal { service: "R2, by its older page", query: "", status: "400 Bad Request", date: OVER, code: "video_url_expired",
        body: r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>ExpiredRequest</Code><Message>Presigned URL or request signature has expired.</Message></Error>"# },
    Refusal { service: "R2, signed for too long", query: "", status: "400 Bad Request", date: OVER, code: "video_refused",
        body: r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidArgument</Code><Message>X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds</Message></Error>"# },
    Refusal { service: "Supabase", query: "token=a.b.c", status: "400 Bad Request", date: OVER, code: "video_url_expired",
        body: r#"{"statusCode":"400","error":"InvalidJWT","message":"\"exp\" claim timestamp check failed"}"# },
    Refusal { service: "Supabase, older", query: "token=a.b.c", status: "400 Bad Request", date: OVER, code: "video_url_expired",
        body: r#"{"statusCode":"400","error":"jwt expired","message":"jwt expired"}"# },
    Refusal { service: "Supabase, wrong signature", query: "token=a.b.c", status: "400 Bad Request", date: OVER, code: "video_refused",
        body: r#"{"statusCode":"400","error":"InvalidSignature","message":"signature verification failed"}"# },
    Refusal { service: "Supabase, nothing there", query: "token=a.b.c", status: "400 Bad Request", date: OVER, code: "video_not_found",
        body: r#"{"statusCode":"404","error":"not_found","message":"Object not found"}"# },
    Refusal { service: "Google Cloud Storage, version 4", query: GOOG, status: "400 Bad Request", date: OVER, code: "video_url_expired",
        body: r"<?xml version='1.0' encoding='UTF-8'?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message><Details>Request signature expired at: 2026-11-22T11:00:00+00:00</Details></Error>" },
    Refusal { service: "Google Cloud Storage, version 2", query: "GoogleAccessId=a%40b&Expires=1795345200&Signature=abc", status: "400 Bad Request", date: OVER, code: "video_url_expired",
        body: r"<?xml version='1.0' encoding='UTF-8'?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message><Details>Request has expired: 1795345200</Details></Error>" },
    Refusal { service: "Google Cloud Storage, private", query: "", status: "403 Forbidden", date: OVER, code: "video_access_denied",
        body: r"<?xml version='1.0' encoding='UTF-8'?><Error><Code>AccessDenied</Code><Message>Access denied.</Message><Details>Anonymous caller does not have storage.objects.get access to the Google Cloud Storage object.</Details></Error>" },
    Refusal { service: "Azure", query: SAS, status: "403 Server failed to authenticate the request.", date: OVER, code: "video_url_expired",
        body: r#"<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.
RequestId:0b5ae4c5 Time:2026-11-22T11:05:01.0000000Z</Message><AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [Sun, 22 Nov 2026 10:00:00 GMT] - Expiry [Sun, 22 Nov 2026 11:00:00 GMT] - Current [Sun, 22 Nov 2026 11:05:01 GMT]</AuthenticationErrorDetail></Error>"# },
    Refusal { service: "Azure, wrong signature", query: SAS, status: "403 Server failed to authenticate the request.", date: NOT_YET, code: "video_access_denied",
        body: r#"<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.</Message><AuthenticationErrorDetail>Signature did not match. String to sign used was r</AuthenticationErrorDetail></Error>"# },
    // CloudFront always responds with the same: only the URL shows it.
    Refusal { service: "CloudFront, expired", query: CANNED, status: "403 Forbidden", date: OVER, code: "video_url_expired",
        body: r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>"# },
    Refusal { service: "CloudFront, wrong signature", query: CANNED, status: "403 Forbidden", date: NOT_YET, code: "video_access_denied",
        body: r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>"# },
    Refusal { service: "CloudFront, not signed", query: "", status: "403 Forbidden", date: OVER, code: "video_access_denied",
        body: r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code><Message>Missing Key-Pair-Id query parameter or cookie value</Message></Error>"# },
    Refusal { service: "a service of few words", query: AMZ, status: "401 Unauthorized", date: OVER, code: "video_url_expired", body: "" },
    Refusal { service: "one of few words, in time", query: AMZ, status: "401 Unauthorized", date: NOT_YET, code: "video_access_denied", body: "" },
];

#[tokio::test]
async fn each_services_refusal_is_understood() {
    for Refusal { service, query, status, date, body, code } in REFUSALS {
        let head = format!("{status}\r\ndate: {date}\r\ncontent-length: {}", body.len());
        let server = Server::start(move |_| raw(&head, body.as_bytes()));
        let error = sources().open(&server.url(&format!("/v.mp4?{query}"))).await.unwrap_err();
        assert_eq!(error.code(), *code, "{service}");
        assert_eq!(error.is_transient(), *code == "video_server_error", "{service}");
    }
}
