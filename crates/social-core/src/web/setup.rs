//! What the operator has set up: the endpoint `GET /social-accounts/platforms`.

use serde::Serialize;
use utoipa::ToSchema;

use crate::config::{Config, Links};
use crate::model::PlatformId;
use crate::platform::{FACTS, Facts};

/// What the operator has set up.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Setup {
    /// All platforms.
    platforms: Vec<PlatformSetup>,
    /// The product's legal pages.
    links: LegalPages,
}

/// How far one platform is set up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PlatformSetup {
    /// The platform.
    platform: PlatformId,
    /// Whether accounts can be connected.
    status: SetupStatus,
    /// The names of the variables that the operator has yet to set.
    missing: Vec<&'static str>,
    /// Whether the platform has audited the app; `null` if the operator has not said, or there is no audit.
    #[schema(required = true)]
    audited: Option<bool>,
}

/// Whether accounts of a platform can be connected.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum SetupStatus {
    /// They can.
    Ready,
    /// The operator has not set the app's credentials.
    NotSetUp,
}

/// The product's legal pages.
#[derive(Debug, Serialize, ToSchema)]
struct LegalPages {
    /// The terms of service.
    #[schema(required = true, format = Uri)]
    terms: Option<String>,
    /// The privacy policy.
    #[schema(required = true, format = Uri)]
    privacy: Option<String>,
}

impl From<&Config> for Setup {
    fn from(config: &Config) -> Self {
        let Links { terms, privacy } = &config.links;
        Self {
            platforms: FACTS.iter().map(|facts| PlatformSetup::of(facts, config)).collect(),
            links: LegalPages {
                terms: terms.as_ref().map(ToString::to_string),
                privacy: privacy.as_ref().map(ToString::to_string),
            },
        }
    }
}

impl PlatformSetup {
    fn of(facts: &Facts, config: &Config) -> Self {
        let settings = config.platforms.get(facts.id.as_str());
        let vars = &facts.vars;
        let (status, missing) = match settings {
            Some(_) => (SetupStatus::Ready, Vec::new()),
            None => (SetupStatus::NotSetUp, vec![vars.client_id, vars.client_secret]),
        };
        let audited = settings.and_then(|settings| settings.audited);
        Self { platform: facts.id.clone(), status, missing, audited }
    }
}
