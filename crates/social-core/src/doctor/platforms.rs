//! The platforms: credentials, redirect URIs, and what the operator has said of audits and prefixes.

use super::check::{Check, Verdict};
use super::skew;
use crate::config::PlatformSettings;
use crate::oauth::Flow;
use crate::platform::{Connector, FACTS, Facts, OAuthErrorKind, Renewal, TokenGrant, connector};
use crate::secret::RefreshToken;

/// No platform has issued it. A platform refuses the app's credentials before it looks at a refresh token (RFC 6749
/// §5.2: `invalid_client`, or else `invalid_grant`).
const NEVER_ISSUED: &str = "never-issued";

/// Checks every platform.
pub(super) async fn examine(flow: &Flow) -> Vec<Check> {
    let mut checks = Vec::new();
    for facts in FACTS {
        let settings = flow.config.platforms.get(facts.id.as_str());
        let (Some(settings), Some(platform)) = (settings, connector(&facts.id)) else {
            let (id, secret) = (facts.vars.client_id, facts.vars.client_secret);
            let finding = format!("{} is disabled: {id} and {secret} are not set.", facts.id);
            checks.push(Check::ok(format!("{}.credentials", facts.id), finding));
            continue;
        };
        checks.extend(credentials(flow, platform, settings).await);
        checks.push(redirect_uri(flow, facts, settings));
        checks.extend(audit(facts, settings));
        checks.extend(prefixes(facts, settings));
    }
    if flow.config.platforms.is_empty() {
        checks.push(
            Check::new("platforms", Verdict::Warning, "No platform is enabled.")
                .remedy("Set the credentials of at least one platform: docs/configuration.md."),
        );
    }
    checks
}

/// Asks the platform about the app's credentials, as far as it can be asked without a user's grant.
async fn credentials(flow: &Flow, platform: &dyn Connector, settings: &PlatformSettings) -> Vec<Check> {
    let facts = platform.facts();
    let (name, check) = (&facts.id, format!("{}.credentials", facts.id));
    let vars = format!("Check {} and {}.", facts.vars.client_id, facts.vars.client_secret);
    if !matches!(facts.oauth.renewal, Renewal::RefreshToken) {
        let finding = format!("The credentials of {name} are set. The platform cannot be asked about them.");
        return vec![Check::ok(check, finding).remedy("Connect a test account to try them.")];
    }
    let grant = RefreshToken::new(NEVER_ISSUED);
    let call = facts.oauth.token_call(settings, &TokenGrant::Refresh(&grant));
    let reply = match flow.http.send(call, None, flow.soon()).await {
        Ok(reply) => reply,
        Err(error) => {
            let finding = format!("{name} cannot be reached: {error}.");
            return vec![
                Check::new(check, Verdict::Warning, finding)
                    .remedy("Check the network, and run the doctor again."),
            ];
        }
    };
    let found = match platform.read_grant(&reply) {
        Err(error) if error.kind == OAuthErrorKind::GrantEnded => {
            Check::ok(check, format!("{name} accepts the app's credentials."))
        }
        Err(error) if error.kind == OAuthErrorKind::Operator && error.code != "unknown_error" => {
            let finding = format!("{name} refuses the app's credentials: {}.", error.code);
            Check::new(check, Verdict::Wrong, finding).remedy(vars)
        }
        Err(error) => {
            let finding =
                format!("{name} does not tell whether it accepts the app's credentials: {}.", error.code);
            Check::new(check, Verdict::Warning, finding)
                .remedy("Run the doctor again, or connect a test account.")
        }
        Ok(_) => Check::new(check, Verdict::Warning, format!("{name} granted what it never issued."))
            .remedy("Check the base URLs of the platform: docs/configuration.md."),
    };
    let compare = |date| {
        let whose = format!("that of {name}");
        skew::compare(format!("clock.{name}"), &whose, flow.clock.now(), date)
    };
    std::iter::once(found).chain(reply.date().map(compare)).collect()
}

fn redirect_uri(flow: &Flow, facts: &Facts, settings: &PlatformSettings) -> Check {
    let (check, uri) = (format!("{}.redirect_uri", facts.id), &settings.redirect_uri);
    let host = |url: &url::Url| url.host_str().map(str::to_owned);
    let is_ours = url::Url::parse(uri).is_ok_and(|url| host(&url) == host(&flow.config.app_url));
    let finding = format!("The redirect URI of {} is {uri}.", facts.id);
    if is_ours {
        return Check::ok(check, finding).remedy("Register exactly this text at the platform.");
    }
    Check::new(check, Verdict::Warning, format!("{finding} Its host is not that of APP_URL.")).remedy(format!(
        "Let {} share the host of APP_URL: the browser sends the cookie of a connection to that host only.",
        facts.vars.redirect_uri
    ))
}

fn audit(facts: &Facts, settings: &PlatformSettings) -> Option<Check> {
    let variable = facts.vars.audited?;
    let check = format!("{}.audited", facts.id);
    Some(match settings.audited {
        Some(true) => Check::ok(check, format!("{variable} says that {} has audited the app.", facts.id)),
        Some(false) => Check::ok(
            check,
            format!(
                "{variable} says that {} has not audited the app, which limits what may be posted.",
                facts.id
            ),
        ),
        None => Check::new(check, Verdict::Warning, format!("{variable} is not set."))
            .remedy("Set it to true once the platform has audited the app, and to false until then."),
    })
}

fn prefixes(facts: &Facts, settings: &PlatformSettings) -> Option<Check> {
    let variable = facts.vars.lists.iter().find(|name| name.ends_with("_URL_PREFIXES"))?;
    let check = format!("{}.url_prefixes", facts.id);
    let prefixes = settings.list(variable);
    Some(if prefixes.is_empty() {
        Check::ok(check, format!("{variable} is not set: the worker uploads every video."))
    } else {
        let finding = format!("{} downloads videos under {}.", facts.id, prefixes.join(", "));
        Check::ok(check, finding)
            .remedy("Verify each prefix in the platform's portal, which cannot be asked.")
    })
}
