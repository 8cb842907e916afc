//! When a signed URL expires, by the URL itself.
//!
//! Most storage services say in a refusal that the URL has expired. CloudFront and some others only deny access. But a
//! signature covers its expiry time, so the URL itself must name it.

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{GeneralPurposeConfig, URL_SAFE};
use base64::{alphabet, engine::DecodePaddingMode};
use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::Value;
use url::Url;

use crate::clock::Timestamp;

/// The time from which a URL is refused. `None`: it names none, or in a form not known here.
pub(super) fn of(url: &Url) -> Option<Timestamp> {
    let query: Vec<(String, String)> =
        url.query_pairs().map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned())).collect();
    let given = |name: &str| query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let spans = [
        // Signature version 4: S3, R2 and all that speak S3's language; Google Cloud Storage.
        span(given("x-amz-date"), given("x-amz-expires")),
        span(given("x-goog-date"), given("x-goog-expires")),
        // CloudFront's canned policy; S3 and Google Cloud Storage, version 2.
        given("signature").and(given("expires")).and_then(epoch),
        // CloudFront's own policy.
        given("policy").and_then(policy),
        // Azure's shared access signature.
        given("sig").and(given("se")).and_then(moment),
        // Supabase: a JSON Web Token.
        given("token").and_then(token),
    ];
    spans.into_iter().flatten().min()
}

fn span(from: Option<&str>, seconds: Option<&str>) -> Option<Timestamp> {
    let from = NaiveDateTime::parse_from_str(from?, "%Y%m%dT%H%M%SZ").ok()?.and_utc();
    from.checked_add_signed(Duration::try_seconds(seconds?.parse().ok()?)?)
}

fn epoch(text: &str) -> Option<Timestamp> {
    DateTime::from_timestamp(text.parse().ok()?, 0)
}

/// ISO 8601 as Azure takes it: with seconds, without, or a date alone.
fn moment(text: &str) -> Option<Timestamp> {
    let whole = DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    let minute = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%MZ").ok().map(|at| at.and_utc());
    let day = || Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN).and_utc());
    whole.or_else(minute).or_else(day)
}

/// Base64 for URLs, with or without its padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn policy(text: &str) -> Option<Timestamp> {
    // CloudFront writes `-` for `+`, `_` for `=` and `~` for `/`.
    let plain: String = text
        .chars()
        .map(|c| match c {
            '_' => '=',
            '~' => '_',
            other => other,
        })
        .collect();
    let policy: Value = serde_json::from_slice(&URL_SAFE.decode(plain).ok()?).ok()?;
    let seconds = policy.pointer("/Statement/0/Condition/DateLessThan/AWS:EpochTime")?.as_i64()?;
    DateTime::from_timestamp(seconds, 0)
}

fn token(text: &str) -> Option<Timestamp> {
    let [_, claims, _] = text.split('.').collect::<Vec<_>>()[..] else { return None };
    let claims: Value = serde_json::from_slice(&LENIENT.decode(claims).ok()?).ok()?;
    DateTime::from_timestamp(claims.get("exp")?.as_i64()?, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_services_urls_name_their_end() {
        let policy = base64::engine::general_purpose::STANDARD
            .encode(r#"{"Statement":[{"Resource":"https://d1.example/v.mp4","Condition":{"DateLessThan":{"AWS:EpochTime":1795345200}}}]}"#)
            .replace('+', "-").replace('=', "_").replace('/', "~");
        let claims = LENIENT.encode(r#"{"url":"videos/v.mp4","iat":1795341600,"exp":1795345200}"#);
        let cases = [
            ("S3, R2", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261122T100000Z&X-Amz-Expires=3600&X-Amz-Signature=a".to_owned()),
            ("Google, version 4", "x-goog-date=20261122T100000Z&x-goog-expires=3600&x-goog-signature=a".to_owned()),
            ("S3, version 2", "AWSAccessKeyId=A&Expires=1795345200&Signature=a".to_owned()),
            ("Google, version 2", "GoogleAccessId=a%40b&Expires=1795345200&Signature=a".to_owned()),
            ("CloudFront", "Expires=1795345200&Signature=a&Key-Pair-Id=K".to_owned()),
            ("CloudFront, own policy", format!("Policy={policy}&Signature=a&Key-Pair-Id=K")),
            ("Azure", "sv=2024-11-04&se=2026-11-22T11%3A00%3A00Z&sr=b&sp=r&sig=a".to_owned()),
            ("Azure, by the minute", "sv=2024-11-04&se=2026-11-22T11:00Z&sig=a".to_owned()),
            ("Supabase", format!("token=eyJhbGciOiJIUzI1NiJ9.{claims}.c2ln")),
        ];
        for (name, query) in cases {
            let url = Url::parse(&format!("https://cdn.example.com/v.mp4?{query}")).unwrap();
            let found = of(&url).map(|at| at.to_rfc3339());
            assert_eq!(found.as_deref(), Some("2026-11-22T11:00:00+00:00"), "{name}");
        }
    }

    #[test]
    fn what_only_looks_like_an_end_is_none() {
        for query in [
            "",
            "expires=1795345200",
            "se=2026-11-22",
            "token=abc",
            "token=a.b.c",
            "Policy=%%%",
            "X-Amz-Date=20261122T100000Z",
            "X-Amz-Date=20261122T100000Z&X-Amz-Expires=9223372036854775807",
            "Signature=a&Expires=99999999999999999999",
        ] {
            let url = Url::parse(&format!("https://cdn.example.com/v.mp4?{query}")).unwrap();
            assert_eq!(of(&url), None, "{query}");
        }
        let day = Url::parse("https://a.blob.core.windows.net/v?se=2026-11-22&sig=x").unwrap();
        assert_eq!(of(&day).unwrap().to_rfc3339(), "2026-11-22T00:00:00+00:00");
    }
}
