//! The consent page, on which an account's owner accepts or refuses. It looks the same for all platforms.

use crate::page::{Width, escape, page};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use std::fmt::Write as _;

/// The wrong parameter of an authorization request, and the reason. The platform's own page shows it, without
/// a redirect.
#[derive(Debug)]
pub(crate) struct Faulty(pub(crate) &'static str, pub(crate) &'static str);

/// The contents of the page.
pub(crate) struct Consent {
    pub(crate) heading: &'static str,
    /// The kind of account, with its article: "a TikTok account".
    pub(crate) what: &'static str,
    /// The host of the app that requests consent.
    pub(crate) app: String,
    pub(crate) choices: Vec<Choice>,
    /// More fieldsets, as HTML.
    pub(crate) further: String,
    pub(crate) permissions: Vec<Permission>,
}

/// One view of the page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    /// The query of the authorization request: the form is sent to the same URL.
    pub(crate) query: &'a str,
    /// The selected choice; `None` for the first.
    pub(crate) chosen: Option<&'a str>,
    /// The problem with the last submission.
    pub(crate) problem: Option<&'a str>,
}

/// An account to choose.
pub(crate) struct Choice {
    /// The value that the form sends.
    pub(crate) value: String,
    /// Its picture, as HTML.
    pub(crate) face: String,
    pub(crate) title: String,
    pub(crate) detail: String,
    /// The name of its person, if one person has several.
    pub(crate) owner: Option<String>,
}

/// Returns accounts by name, after the one that comes first.
pub(crate) fn in_order<'a, T>(
    accounts: impl Iterator<Item = &'a T>,
    first: &str,
    name: impl Fn(&'a T) -> &'a str,
) -> Vec<&'a T> {
    let mut list: Vec<_> = accounts.collect();
    list.sort_by_key(|account| (name(account) != first, name(account)));
    list
}

/// A scope to tick.
pub(crate) struct Permission {
    pub(crate) scope: String,
    pub(crate) meaning: &'static str,
    pub(crate) kind: PermissionKind,
}

impl Permission {
    /// Returns the scopes of a request with what each means. One of them may be fixed.
    pub(crate) fn of(
        scopes: &[String],
        fixed: Option<&str>,
        meaning: impl Fn(&str) -> &'static str,
    ) -> Vec<Self> {
        let permission = |scope: &String| Self {
            scope: scope.clone(),
            meaning: meaning(scope),
            kind: if Some(scope.as_str()) == fixed {
                PermissionKind::Fixed
            } else {
                PermissionKind::Optional
            },
        };
        scopes.iter().map(permission).collect()
    }
}

/// Whether a scope can be refused alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PermissionKind {
    Optional,
    Fixed,
}

/// The contents of the form.
#[derive(Debug, Default)]
pub(crate) struct Decision {
    pub(crate) account: String,
    pub(crate) scopes: Vec<String>,
    /// The values ticked under `page`.
    pub(crate) pages: Vec<String>,
    pub(crate) allowed: bool,
}

impl Decision {
    pub(crate) fn read(body: &Bytes) -> Self {
        let mut decision = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            let value = value.trim();
            match &*name {
                "account" if decision.account.is_empty() => decision.account = handle(value),
                "handle" if !value.is_empty() => decision.account = handle(value),
                "scope" => decision.scopes.push(value.into()),
                "page" => decision.pages.push(value.into()),
                "decision" => decision.allowed = value == "allow",
                _ => {}
            }
        }
        decision
    }

    /// Returns the requested scopes that were ticked, and the fixed one; `all` ticks every one.
    pub(crate) fn granted(&self, requested: &[String], fixed: Option<&str>) -> Vec<String> {
        let ticked = |scope: &str| self.scopes.iter().any(|ticked| ticked == scope || ticked == "all");
        requested.iter().filter(|scope| Some(scope.as_str()) == fixed || ticked(scope)).cloned().collect()
    }
}

fn handle(text: &str) -> String {
    text.trim_start_matches('@').to_lowercase()
}

/// Returns the account that is signed in at a platform, by its cookie.
pub(crate) fn session<'headers>(headers: &'headers HeaderMap, cookie: &str) -> Option<&'headers str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(cookie)?.strip_prefix('='))
}

/// Redirects back to the app, and may sign the account in.
pub(crate) fn redirect(to: &str, cookie: Option<String>) -> Response {
    let mut response = (StatusCode::FOUND, [(header::LOCATION, to.to_owned())]).into_response();
    if let Some(cookie) = cookie.and_then(|cookie| cookie.parse().ok()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Returns the page for a request that cannot be shown.
pub(crate) fn sorry(platform: &str, Faulty(parameter, why): &Faulty) -> Response {
    let body = format!(
        "<div class=\"card\"><h1>Something went wrong</h1><p>We couldn’t log in with {platform}. \
         This may be due to specific app settings.</p>\
         <p class=\"soft\">If you’re a developer, correct the following and try again:</p>\
         <p class=\"bad\"><strong>{}</strong>: {}</p></div>",
        escape(parameter),
        escape(why)
    );
    page(StatusCode::BAD_REQUEST, platform, "Something went wrong", Width::Narrow, &body)
}

impl Consent {
    pub(crate) fn page(&self, platform: &str, attempt: Attempt<'_>) -> Response {
        let Attempt { query, chosen, problem } = attempt;
        let complaint =
            problem.map_or(String::new(), |text| format!("<p class=\"bad\">{}</p>", escape(text)));
        let body = format!(
            "<form class=\"card\" method=\"post\" action=\"?{query}\"><h1>{heading}</h1>\
             <p class=\"soft\">The app at <strong>{app}</strong> would like to use {what}. \
             No account here is real, and nothing leaves this computer.</p>{complaint}\
             <fieldset><legend>Continue as</legend>{choices}\
             <label class=\"row\"><span>or another handle</span>\
             <input type=\"text\" name=\"handle\" placeholder=\"@somebody\" autocomplete=\"off\" size=\"14\"></label></fieldset>{further}\
             <fieldset><legend>The app may</legend>{permissions}</fieldset>\
             <div class=\"row\"><button class=\"main\" name=\"decision\" value=\"allow\">Allow</button>\
             <button name=\"decision\" value=\"deny\">Deny</button></div></form>",
            query = escape(query),
            heading = self.heading,
            app = escape(&self.app),
            what = self.what,
            choices = self.choices(chosen),
            further = self.further,
            permissions = self.permissions(),
        );
        let status = if problem.is_none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        page(status, platform, self.heading, Width::Narrow, &body)
    }

    fn choices(&self, chosen: Option<&str>) -> String {
        let known = |value: &&str| self.choices.iter().any(|choice| choice.value == *value);
        let first = self.choices.first().map(|choice| choice.value.as_str());
        let marked = chosen.filter(known).or(first);
        let mut owner = None;
        self.choices.iter().fold(String::new(), |mut html, choice| {
            if choice.owner.as_ref() != owner {
                owner = choice.owner.as_ref();
                let name = owner.map_or(String::new(), |name| escape(name));
                let _ = write!(html, "<p class=\"soft small\" style=\"margin:.6rem 0 0\">{name}</p>");
            }
            let _ = write!(
                html,
                "<label class=\"row\"><input type=\"radio\" name=\"account\" value=\"{value}\"{mark}>{face}\
                 <span><strong>{title}</strong><br><span class=\"soft small\">{detail}</span></span></label>",
                value = escape(&choice.value),
                mark = if marked == Some(choice.value.as_str()) { " checked" } else { "" },
                face = choice.face,
                title = escape(&choice.title),
                detail = escape(&choice.detail),
            );
            html
        })
    }

    fn permissions(&self) -> String {
        self.permissions.iter().fold(String::new(), |mut html, Permission { scope, meaning, kind }| {
            let fixed = if *kind == PermissionKind::Fixed { " disabled" } else { "" };
            let _ = write!(
                html,
                "<label class=\"row\"><input type=\"checkbox\" name=\"scope\" value=\"{name}\" checked{fixed}>\
                 <span>{meaning}<br><span class=\"soft small\">{name}</span></span></label>",
                name = escape(scope),
            );
            html
        })
    }
}
