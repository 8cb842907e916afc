//! An avatar for every account: the first letter of its name, on a colour of its own.

use crate::page::escape;
use crate::sandbox::Sandbox;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::header;

/// Returns the picture.
pub(crate) async fn picture(Path(name): Path<String>) -> Response {
    let seed = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let letter = name.chars().next().unwrap_or('?').to_uppercase().to_string();
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 96\"><rect width=\"96\" height=\"96\" \
         fill=\"hsl({hue},55%,45%)\"/><circle cx=\"74\" cy=\"22\" r=\"34\" fill=\"hsl({hue},60%,58%)\"/>\
         <text x=\"48\" y=\"65\" font-family=\"system-ui,sans-serif\" font-size=\"46\" font-weight=\"600\" \
         text-anchor=\"middle\" fill=\"#fff\">{letter}</text></svg>",
        hue = seed % 360,
        letter = escape(&letter),
    );
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "max-age=7200")], svg).into_response()
}

/// Returns its path.
pub(crate) fn path(platform: &str, name: &str) -> String {
    format!("/{platform}/avatar/{name}")
}

/// Returns the picture for our own pages, as HTML.
pub(crate) fn face(sandbox: &Sandbox, platform: &str, name: &str) -> String {
    format!("<img class=\"face\" src=\"{}\" alt=\"\">", escape(&sandbox.link(&path(platform, name))))
}
