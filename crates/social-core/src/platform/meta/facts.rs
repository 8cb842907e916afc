//! What is known about the Graph API, as data.

/// The variable with the Graph API's version.
pub(in crate::platform) const VERSION: &str = "META_GRAPH_VERSION";
/// Meta supports it until 2028-07-29 (Graph API changelog), and Meta's own examples use it.
pub(in crate::platform) const VERSION_NOW: &str = "v25.0";

/// The variable with the URL of Meta's simulated upload host, in tests and local mode.
pub(in crate::platform) const UPLOAD: &str = "META_UPLOAD_URL";
/// The host that receives bytes. Apart from Graph's host, only this one gets a token.
pub(in crate::platform) const UPLOAD_HOST: &str = "rupload.facebook.com";

/// Returns the start of a text, at most `most` characters. Meta does not document how it counts; we count
/// Unicode scalar values.
pub(in crate::platform) fn cut(text: &str, most: usize) -> &str {
    crate::platform::text::cut(text, most, |text| text.chars().count())
}
