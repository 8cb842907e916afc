//! Graph's treatment of a path before its endpoint: version, trailing slash, and unknown paths.

use super::envelope::Refusal;
use super::version;
use crate::request;
use crate::sandbox::Sandbox;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::{Method, Uri};

/// The first segments of paths without a version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Roots {
    /// They are served as if they named the oldest version.
    pub(crate) unversioned: &'static [&'static str],
    /// They have no version.
    pub(crate) versionless: &'static [&'static str],
}

/// Serves a platform's paths by Graph's conventions.
pub(crate) fn host(routes: Router<Sandbox>, roots: Roots, sandbox: &Sandbox) -> Router {
    let known = routes.fallback(unknown).method_not_allowed_fallback(unknown);
    Router::new()
        .fallback_service(known.with_state(sandbox.clone()))
        .layer(middleware::from_fn_with_state(roots, understood))
}

/// Serves the path as Graph understands it.
async fn understood(State(roots): State<Roots>, mut request: Request, next: Next) -> Response {
    let has_token = request::bearer(request.headers()).is_some()
        || request.uri().query().is_some_and(|query| query.contains("access_token="));
    let path = request.uri().path().to_owned();
    if let Some(path) = served(&path, roots, has_token) {
        let query = request.uri().query().map_or(String::new(), |query| format!("?{query}"));
        if let Ok(uri) = format!("{path}{query}").parse::<Uri>() {
            *request.uri_mut() = uri;
        }
    }
    next.run(request).await
}

/// Returns the path with a supported version and without a trailing slash; `None` if it is not a Graph path.
fn served(path: &str, roots: Roots, has_token: bool) -> Option<String> {
    let rest = path.trim_matches('/');
    let (first, below) = rest.split_once('/').unwrap_or((rest, ""));
    if version::is_one(first) {
        return (!below.is_empty()).then(|| format!("/{}/{below}", version::served(first)));
    }
    if roots.versionless.contains(&first) {
        return Some(format!("/{rest}"));
    }
    // A number without a token is a Page that a visitor opens.
    let node = has_token && !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    (roots.unversioned.contains(&first) || node).then(|| format!("/{}/{rest}", version::OLDEST))
}

/// Returns the response to an unknown path or method.
async fn unknown(method: Method, uri: Uri) -> Response {
    let mut names = uri.path().trim_matches('/').split('/');
    let (version, node, edge, more) = (names.next(), names.next(), names.next(), names.next());
    let refusal = match (version, node, edge, more) {
        (Some(version), Some(_), Some(edge), None) if version::is_one(version) && method == Method::GET => {
            Refusal::param(&format!("(#100) Tried accessing nonexisting field ({edge})"))
        }
        (Some(version), Some(node), _, None) if version::is_one(version) => {
            Refusal::unsupported(&method, node)
        }
        _ => Refusal::plain(2500, &format!("Unknown path components: {}", uri.path())),
    };
    refusal.into_response()
}

#[cfg(test)]
mod tests {
    use super::{Roots, served};

    #[test]
    fn a_path_is_served_under_a_supported_version() {
        let roots = Roots { unversioned: &["me", "dialog"], versionless: &["oauth"] };
        for (path, has_token, expected) in [
            ("/v25.0/123/", false, Some("/v25.0/123")),
            ("/v25.0/me/accounts", false, Some("/v25.0/me/accounts")),
            ("/v16.0/dialog/oauth", false, Some("/v21.0/dialog/oauth")),
            ("/v2.12/123/videos/", false, Some("/v21.0/123/videos")),
            ("/v99.0/me", false, Some("/v99.0/me")),
            ("/me/", true, Some("/v21.0/me")),
            ("/dialog/oauth", false, Some("/v21.0/dialog/oauth")),
            ("/oauth/access_token/", false, Some("/oauth/access_token")),
            ("/123/videos", true, Some("/v21.0/123/videos")),
            ("/123", false, None),
            ("/@demokitchen", true, None),
            ("/reel/abc/", true, None),
            ("/", true, None),
        ] {
            assert_eq!(served(path, roots, has_token).as_deref(), expected, "{path}");
        }
    }
}
