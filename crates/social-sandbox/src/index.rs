//! The start page: simulated platforms, published videos, available faults.

use crate::page::{Width, escape, page, time_of_day};
use crate::platforms::{SIMULATORS, Simulator};
use crate::sandbox::Sandbox;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use std::fmt::Write as _;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/", get(index))
}

async fn index(State(sandbox): State<Sandbox>) -> Response {
    let parts: Vec<_> = SIMULATORS
        .iter()
        .map(|simulator| format!("<strong>{}</strong> ({})", simulator.label, simulator.parts))
        .collect();
    let body = format!(
        "<h1>Sandbox platforms</h1><p class=\"soft\">Stand-ins for the real platforms, for trying things out. \
         They keep the real rules, remember what was published, and send nothing anywhere. Simulated: {parts}.</p>\
         {overviews}{faults}{waiting}{controls}",
        parts = parts.join(", "),
        overviews = SIMULATORS.iter().map(|simulator| (simulator.overview)(&sandbox)).collect::<String>(),
        faults = SIMULATORS.iter().map(|simulator| faults(&sandbox, simulator)).collect::<String>(),
        waiting = waiting(&sandbox),
        controls = controls(&sandbox),
    );
    page(StatusCode::OK, "the real platforms", "Sandbox platforms", Width::Full, &body)
}

fn faults(sandbox: &Sandbox, simulator: &Simulator) -> String {
    let Simulator { name: platform, label: name, buttons, endpoints, .. } = simulator;
    let action = escape(&sandbox.link("/control/faults"));
    let platform = format!("<input type=\"hidden\" name=\"platform\" value=\"{platform}\">");
    let buttons = buttons.iter().fold(String::new(), |mut html, (label, fields)| {
        let hidden = fields.iter().fold(String::new(), |mut html, (name, value)| {
            let _ = write!(html, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
            html
        });
        let _ = write!(
            html,
            "<form method=\"post\" action=\"{action}\">{platform}{hidden}<button>{label}</button></form>"
        );
        html
    });
    let options = |names: &[&str]| {
        names.iter().fold(String::new(), |mut html, name| {
            let _ = write!(html, "<option>{name}</option>");
            html
        })
    };
    let kinds = [
        "status",
        "statusAfter",
        "html",
        "truncated",
        "cut",
        "hangUpBefore",
        "hangUpAfter",
        "delay",
        "failReason",
        "slowProcessing",
        "unknownStatus",
        "moved",
    ];
    format!(
        "<div class=\"card\"><h2>{name}: let something go wrong, once</h2><div class=\"fields\">{buttons}</div>\
         <h2 style=\"margin-top:1.2rem\">Or anything else</h2>\
         <form class=\"fields\" method=\"post\" action=\"{action}\">{platform}\
         <label>endpoint<select name=\"endpoint\">{endpoints}</select></label>\
         <label>kind<select name=\"kind\">{kinds}</select></label>\
         <label>status<input type=\"number\" name=\"status\" value=\"500\" min=\"400\" max=\"599\"></label>\
         <label>code<input type=\"text\" name=\"code\" size=\"14\"></label>\
         <label>retry after, s<input type=\"number\" name=\"retryAfter\" min=\"0\"></label>\
         <label>delay, ms<input type=\"number\" name=\"ms\" value=\"3000\" min=\"0\"></label>\
         <label>cut after, bytes<input type=\"number\" name=\"bytes\" value=\"1000000\" min=\"0\"></label>\
         <label>fail reason<input type=\"text\" name=\"reason\" value=\"internal\" size=\"14\"></label>\
         <label>polls<input type=\"number\" name=\"polls\" value=\"5\" min=\"0\"></label>\
         <label>skip<input type=\"number\" name=\"skip\" value=\"0\" min=\"0\"></label>\
         <label>times<input type=\"number\" name=\"times\" value=\"1\" min=\"1\"></label>\
         <label>account<input type=\"text\" name=\"account\" placeholder=\"anybody\" size=\"12\"></label>\
         <button class=\"main\">Add</button></form></div>",
        endpoints = options(endpoints),
        kinds = options(&kinds),
    )
}

/// Returns the faults that have not happened yet.
fn waiting(sandbox: &Sandbox) -> String {
    let waiting = sandbox.read(|state, _| {
        state.faults.list().iter().fold(String::new(), |mut html, fault| {
            let json = serde_json::to_string(fault).unwrap_or_default();
            let _ = write!(html, "<li><code class=\"small\">{}</code></li>", escape(&json));
            html
        })
    });
    if waiting.is_empty() {
        return "<div class=\"card soft\">No fault is waiting to happen.</div>".into();
    }
    let clear = escape(&sandbox.link("/control/faults/clear"));
    format!(
        "<div class=\"card\"><p>Waiting to happen:</p><ul>{waiting}</ul>\
         <form method=\"post\" action=\"{clear}\"><button>Forget them</button></form></div>"
    )
}

fn controls(sandbox: &Sandbox) -> String {
    let link = |path: &str| escape(&sandbox.link(path));
    let clock = sandbox.read(|_, now| time_of_day(now));
    let advances = [("1 minute", 60), ("1 hour", 3_600), ("1 day", 86_400)];
    let buttons = advances.iter().fold(String::new(), |mut html, (label, seconds)| {
        let _ = write!(html, "<button name=\"advanceSeconds\" value=\"{seconds}\">+ {label}</button>");
        html
    });
    let account =
        "<label>account<input type=\"text\" name=\"account\" value=\"demokitchen\" size=\"14\"></label>";
    format!(
        "<div class=\"card\"><h2>Time and grants</h2>\
         <form class=\"fields\" method=\"post\" action=\"{time}\"><span>It is {clock} UTC here.</span>{buttons}</form>\
         <form class=\"fields row\" method=\"post\" action=\"{expire}\">{account}\
         <button>Let the access token expire</button></form>\
         <form class=\"fields row\" method=\"post\" action=\"{revoke}\">{account}\
         <button>Remove the app, as the creator</button></form>\
         <form class=\"fields row\" method=\"post\" action=\"{accounts}\">\
         <label>handle<input type=\"text\" name=\"handle\" size=\"14\" required></label>\
         <label>is<select name=\"visibility\"><option>public</option><option>private</option></select></label>\
         <button>Make or change the account</button></form></div>",
        time = link("/control/clock"),
        expire = link("/control/expire-tokens"),
        revoke = link("/control/revoke"),
        accounts = link("/control/accounts"),
    )
}
