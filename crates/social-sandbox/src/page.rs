//! The frame of every page for people.

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1c1d22;--soft:#666a76;--line:#dfe1e8;--paper:#fff;--back:#f4f5f8;--accent:#2f5bea;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#eceef4;--soft:#a0a5b3;--line:#343843;--paper:#1d2027;--back:#14161b;--accent:#86a2ff;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
.banner{background:#ffd84d;color:#221c00;text-align:center;font-weight:600;padding:.45rem 1rem;font-size:.9rem}
main{max-width:60rem;margin:1.5rem auto;padding:0 1rem}
main.narrow{max-width:27rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem}h2{font-size:1.1rem;margin:0 0 .6rem}
.card{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:1.25rem;margin:0 0 1rem;overflow-wrap:anywhere}
.soft{color:var(--soft)}.bad{color:var(--bad)}.small{font-size:.87rem}
a{color:var(--accent)}img.face{width:48px;height:48px;border-radius:50%;flex:none}
label.row,.row{display:flex;gap:.75rem;align-items:center;padding:.4rem 0}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.9rem}
.tile{border:1px solid var(--line);border-radius:10px;overflow:hidden;background:var(--paper)}
.tile video,.tile .none{width:100%;aspect-ratio:9/16;object-fit:cover;background:#000;display:block}
.tile .none{display:grid;place-items:center;color:#aaa;font-size:.85rem}.tile p{margin:.4rem .6rem}
.mark{display:inline-block;border:1px solid var(--line);border-radius:99px;padding:0 .55rem;font-size:.8rem;color:var(--soft)}
.player{max-height:75vh;max-width:100%;display:block;margin:0 auto 1rem;background:#000;border-radius:10px}
input[type=text],input[type=number],select{font:inherit;color:inherit;background:var(--back);border:1px solid var(--line);border-radius:8px;padding:.4rem .55rem;max-width:100%}
input[type=number]{width:6.5rem}
button{font:inherit;border:1px solid var(--line);border-radius:8px;padding:.45rem .95rem;background:var(--paper);color:var(--ink);cursor:pointer}
button.main{background:var(--accent);border-color:var(--accent);color:#fff;font-weight:600}
@media(prefers-color-scheme:dark){button.main{color:#10131b}}
.fields{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end}.fields label{display:grid;font-size:.85rem;color:var(--soft);gap:.15rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid var(--line);vertical-align:top}
.scroll{overflow-x:auto}fieldset{border:0;margin:0 0 1rem;padding:0}legend{font-weight:600;padding:0;margin-bottom:.3rem}
";

/// The width of a page's text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Width {
    Narrow,
    Full,
}

/// Returns a page that names its platform; `body` is HTML.
pub(crate) fn page(status: StatusCode, platform: &str, title: &str, width: Width, body: &str) -> Response {
    let class = match width {
        Width::Narrow => " class=\"narrow\"",
        Width::Full => "",
    };
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title} · Sandbox</title><link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style></head>\
         <body><div class=\"banner\">Sandbox — not {platform}</div><main{class}>{body}</main></body></html>",
        title = escape(title),
    );
    (status, Html(html)).into_response()
}

/// Returns the page for a missing object.
pub(crate) fn missing(platform: &str, title: &str) -> Response {
    let body = format!("<div class=\"card\"><h1>{}</h1></div>", escape(title));
    page(StatusCode::NOT_FOUND, platform, title, Width::Narrow, &body)
}

/// Returns text that is safe in HTML, also between quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Returns milliseconds since 1970 as a time of day, UTC.
pub(crate) fn time_of_day(ms: i64) -> String {
    let seconds = ms.div_euclid(1_000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}
