//! Sign-in: the issuer's keys, and a user's token.

use super::check::{Check, Verdict};
use super::skew;
use crate::oauth::Flow;
use crate::web::{Authenticator, IssuerKeys};

/// Checks the issuer's keys, and tries a token.
pub(super) async fn examine(flow: &Flow, token: Option<&str>) -> Vec<Check> {
    let authenticator = Authenticator::new(flow.config.auth.clone(), &flow.http, &flow.clock);
    let mut checks =
        match authenticator.find_keys().await {
            None => vec![Check::ok("sign_in", "Users' tokens are verified with AUTH_JWT_SECRET.")],
            Some(Err(finding)) => vec![Check::new("sign_in", Verdict::Wrong, finding).remedy(
                "Check AUTH_JWKS_URL, and AUTH_JWKS_CA if a private authority signed its certificate.",
            )],
            Some(Ok(keys)) => of_issuer(flow, &keys),
        };
    if flow.config.auth.issuer.is_none() {
        let finding = "The issuer of tokens (iss) is not checked.";
        checks.push(
            Check::new("issuer", Verdict::Warning, finding)
                .remedy("Set AUTH_JWT_ISSUER to the iss of your users' tokens."),
        );
    }
    if let Some(token) = token {
        checks.push(match authenticator.try_token(token).await {
            Ok(owner) => {
                Check::ok("token", format!("The token is accepted. Its user is {:?}.", owner.as_str()))
            }
            Err(refusal) => Check::new("token", Verdict::Wrong, refusal)
                .remedy("docs/authenticate-users.md lists what a token requires."),
        });
    }
    checks
}

fn of_issuer(flow: &Flow, keys: &IssuerKeys) -> Vec<Check> {
    let mut checks = vec![if keys.usable > 0 {
        Check::ok("sign_in", format!("AUTH_JWKS_URL publishes {} usable keys.", keys.usable))
    } else {
        Check::new("sign_in", Verdict::Wrong, "AUTH_JWKS_URL publishes no key that can verify a signature.")
            .remedy("Let the issuer publish RSA, P-256, P-384 or Ed25519 keys for signatures.")
    }];
    let compare = |date| skew::compare("clock.issuer", "the issuer's", flow.clock.now(), date);
    checks.extend(keys.date.map(compare));
    checks
}
