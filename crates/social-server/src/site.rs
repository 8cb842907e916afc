//! The page's files, compiled in: a container needs no folder.
//!
//! The build script lists them.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri, header};
use sha2::{Digest as _, Sha256};
use tower_http::compression::CompressionLayer;

/// The files of `site/`, by name.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/site.rs"));

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
        // Weak, because it is the same for the compressed bytes.
        tag: format!("W/{}", entity_tag(bytes)),
    };
    FILES.iter().map(|&(name, bytes)| (name, file(bytes, name))).collect()
});

/// Returns the routes of all files.
pub(crate) fn router() -> Router {
    Router::new().fallback_service(get(file)).layer(CompressionLayer::new())
}

async fn file(uri: Uri, headers: HeaderMap) -> Response {
    let name = if is_view(uri.path()) { "index.html" } else { uri.path().trim_start_matches('/') };
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
    if kept.split(',').any(|kept| opaque(kept) == opaque(&file.tag)) {
        return (StatusCode::NOT_MODIFIED, about, tag).into_response();
    }
    (about, tag, [(header::CONTENT_TYPE, file.media_type)], file.body.clone()).into_response()
}

/// Returns an entity tag without its mark of weakness.
fn opaque(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/")
}

/// Returns whether the path is one of the page's views, which are all in one file.
fn is_view(path: &str) -> bool {
    let post = path.strip_prefix("/posts/").is_some_and(|id| !id.is_empty() && !id.contains('/'));
    post || matches!(path, "/" | "/integrations" | "/compose" | "/posts" | "/calendar")
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

    /// Collects the files that a browser may load; notes and licences stay behind.
    fn collect(folder: &std::path::Path, prefix: &str, names: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
            if entry.file_type().unwrap().is_dir() {
                collect(&entry.path(), &format!("{name}/"), names);
            } else if media_type(&name) != "application/octet-stream" {
                names.push(name);
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_compiled_in_and_has_a_type() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../site");
        let mut names = Vec::new();
        collect(folder.as_ref(), "", &mut names);
        names.sort();
        assert_eq!(names, FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }

    #[test]
    fn each_view_of_the_page_has_its_own_path() {
        for path in ["/", "/integrations", "/compose", "/posts", "/posts/019ae2d0", "/calendar"] {
            assert!(is_view(path), "{path}");
        }
        for path in ["/posts/", "/posts/a/b", "/app.js", "/elements", "/composer"] {
            assert!(!is_view(path), "{path}");
        }
    }
}
