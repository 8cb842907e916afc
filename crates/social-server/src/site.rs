//! The page's files, compiled in: a container needs no folder.
//!
//! A plain list, with a test that compares it with the folder, replaces a crate for it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri, header};
use sha2::{Digest as _, Sha256};

const FILES: [(&str, &[u8]); 18] = [
    ("accounts.js", include_bytes!("../../../site/accounts.js")),
    ("api.js", include_bytes!("../../../site/api.js")),
    ("app.js", include_bytes!("../../../site/app.js")),
    ("compose.js", include_bytes!("../../../site/compose.js")),
    ("connect.js", include_bytes!("../../../site/connect.js")),
    ("dom.js", include_bytes!("../../../site/dom.js")),
    ("edit.js", include_bytes!("../../../site/edit.js")),
    ("facebook.js", include_bytes!("../../../site/facebook.js")),
    ("favicon.svg", include_bytes!("../../../site/favicon.svg")),
    ("index.html", include_bytes!("../../../site/index.html")),
    ("instagram.js", include_bytes!("../../../site/instagram.js")),
    ("ledger.js", include_bytes!("../../../site/ledger.js")),
    ("platforms.js", include_bytes!("../../../site/platforms.js")),
    ("posts.js", include_bytes!("../../../site/posts.js")),
    ("style.css", include_bytes!("../../../site/style.css")),
    ("tiktok.js", include_bytes!("../../../site/tiktok.js")),
    ("verdict.js", include_bytes!("../../../site/verdict.js")),
    ("youtube.js", include_bytes!("../../../site/youtube.js")),
];

/// Avatars and videos come from any host; code and data only from this one. There is no
/// Cross-Origin-Opener-Policy: the popup must be able to reach its opener.
const POLICY: &str = "default-src 'self'; img-src 'self' https: http:; media-src 'self' https: http:; \
    object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

struct File {
    body: Bytes,
    media_type: &'static str,
    tag: String,
}

static SITE: LazyLock<HashMap<&str, File>> = LazyLock::new(|| {
    let file = |bytes, name| File {
        body: Bytes::from_static(bytes),
        media_type: media_type(name),
        tag: entity_tag(bytes),
    };
    FILES.iter().map(|&(name, bytes)| (name, file(bytes, name))).collect()
});

/// Returns the routes of all files.
pub(crate) fn router() -> Router {
    Router::new().fallback_service(get(file))
}

async fn file(uri: Uri, headers: HeaderMap) -> Response {
    let name = match uri.path() {
        "/" | "/integrations" => "index.html",
        path => path.trim_start_matches('/'),
    };
    let about = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // Stored, but checked each time: a new version appears at once.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    let Some(file) = SITE.get(name) else {
        return (StatusCode::NOT_FOUND, about, "There is nothing here.\n").into_response();
    };
    let tag = [(header::ETAG, file.tag.as_str())];
    let kept = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    if kept.split(',').any(|kept| kept.trim().trim_start_matches("W/") == file.tag) {
        return (StatusCode::NOT_MODIFIED, about, tag).into_response();
    }
    (about, tag, [(header::CONTENT_TYPE, file.media_type)], file.body.clone()).into_response()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// Returns a strong tag: the start of the content's SHA-256.
pub(crate) fn entity_tag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let mut tag = String::from("\"");
    for byte in digest.iter().take(16) {
        // Writing to a String cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_compiled_in_and_has_a_type() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../site");
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, FILES.map(|(name, _)| name));
        assert!(names.iter().all(|name| media_type(name) != "application/octet-stream"));
    }
}
