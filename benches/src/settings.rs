//! The settings of the programs that are measured, and a user of theirs.

use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;

use crate::fill;
use crate::line::Line;
use crate::server::Database;
use crate::trouble::{Outcome, Trouble};

const SECRET: &str = "the-secret-of-all-our-benches-is-long";

/// The environment of a deployment whose database is at the end of a line.
pub(crate) fn environment(database: &Database, line: &Line) -> [(&'static str, String); 8] {
    let Line { port, sslmode, .. } = line;
    let url = format!("postgres://social_app@127.0.0.1:{port}/{}?sslmode={sslmode}", database.name);
    [
        ("APP_URL", "https://social.example"),
        ("DATABASE_URL", &url),
        ("TOKEN_ENCRYPTION_KEYS", fill::KEYS),
        ("AUTH_JWT_SECRET", SECRET),
        ("WORKER_SECRET", SECRET),
        ("TIKTOK_CLIENT_KEY", "awbenches"),
        ("TIKTOK_CLIENT_SECRET", SECRET),
        // One user makes all calls: they are counted, and not refused.
        ("CONNECTS_PER_MINUTE", "100000"),
    ]
    .map(|(name, value): (_, &str)| (name, value.to_owned()))
}

/// A user's token.
pub(crate) fn token() -> Outcome<String> {
    let claims = json!({ "sub": "alice", "exp": 4_102_444_800_u64 });
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::default(), &claims, &key).map_err(|error| Trouble::Said(error.to_string()))
}

/// The middle one of some times; 0 of none.
pub(crate) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}
