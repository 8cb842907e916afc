//! Reads the environment once, at a cold start, and parses it into types.
//!
//! Every missing or malformed variable is reported at once, by name and never by value. The variables of a
//! platform are data in the platform's own file ([`PlatformVars`]). A platform without credentials is
//! disabled.

mod auth;
mod emf;
mod mode;
mod platform;
mod rates;
mod reader;
mod webhooks;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use url::Url;

pub use self::auth::{AuthConfig, AuthKeys};
pub use self::mode::{Mode, is_loopback};
pub use self::platform::{PlatformSettings, PlatformVars};
pub use self::rates::{Rate, Rates};
use self::reader::Reader;
pub use self::webhooks::WebhookConfig;
use crate::secret::{DatabaseUrl, WorkerSecret};
use crate::vault::KeyRing;

/// How the post worker is called, and how much work it takes.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// The secret that a caller over HTTP must present.
    pub secret: WorkerSecret,
    /// How long an invocation works if its host names no deadline.
    pub budget: Duration,
    /// How many results an invocation processes in parallel.
    pub concurrency: usize,
    /// Whether the worker is a Netlify scheduled function. It has no URL then, so the event's header needs no
    /// further proof.
    pub netlify_scheduled: bool,
    /// How long posts are kept that are over; `None`: for ever.
    pub retention: Option<Duration>,
    /// The function's name in CloudWatch's metrics; `None`: the worker writes none.
    pub emf: Option<String>,
}

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// The product's own legal pages, which a composer links to.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// The terms of service.
    pub terms: Option<Url>,
    /// The privacy policy.
    pub privacy: Option<Url>,
}

/// All settings from the environment.
#[derive(Debug)]
pub struct Config {
    /// Where this process runs.
    pub mode: Mode,
    /// The product's own URL, to which callbacks return.
    pub app_url: Url,
    /// The product's legal pages.
    pub links: Links,
    /// The URL of the database.
    pub database_url: DatabaseUrl,
    /// The keys that encrypt secrets at rest.
    pub keys: Arc<KeyRing>,
    /// How users authenticate.
    pub auth: AuthConfig,
    /// How the worker is called.
    pub worker: WorkerConfig,
    /// Where the product hears what happened.
    pub webhooks: WebhookConfig,
    /// The header in which a trusted proxy names the client's address, if there is one.
    pub client_address_header: Option<HeaderName>,
    /// How often an owner may make the calls that cost the most.
    pub rates: Rates,
    /// The enabled platforms.
    pub platforms: HashMap<&'static str, PlatformSettings>,
}

/// Names every variable that is missing or malformed.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError {
    problems: Vec<(&'static str, String)>,
}

impl ConfigError {
    /// The problems of one variable.
    pub(crate) fn of(name: &'static str, problems: Vec<String>) -> Self {
        Self { problems: problems.into_iter().map(|problem| (name, problem)).collect() }
    }

    /// Returns each variable with what is wrong about it, and never its value.
    pub fn problems(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.problems.iter().map(|(name, problem)| (*name, problem.as_str()))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is incomplete:")?;
        for (name, problem) in self.problems() {
            write!(f, "\n  {name}: {problem}")?;
        }
        f.write_str("\nSee .env.example for every variable with an example.")
    }
}

impl Config {
    /// Reads every variable through `var`.
    ///
    /// # Errors
    /// Returns all problems at once.
    pub fn from_vars(
        mode: Mode,
        platforms: &[PlatformVars],
        var: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut read = Reader { mode, var, problems: Vec::new() };
        let app_url = read
            .required("APP_URL", "set it to your product's own URL, such as https://app.example.com")
            .and_then(|value| read.trusted_url("APP_URL", &value));
        let terms = read.optional("TERMS_URL").and_then(|url| read.trusted_url("TERMS_URL", &url));
        let privacy = read.optional("PRIVACY_URL").and_then(|url| read.trusted_url("PRIVACY_URL", &url));
        let links = Links { terms, privacy };
        let database_url = read
            .required("DATABASE_URL", "set it to postgres://user:password@host/database")
            .and_then(|url| read.database_url(url));
        let keys = read
            .required("TOKEN_ENCRYPTION_KEYS", "create one with: echo \"k1:$(openssl rand -base64 32)\"")
            .and_then(|text| {
                KeyRing::parse(&text)
                    .map(Arc::new)
                    .map_err(|problem| read.problem("TOKEN_ENCRYPTION_KEYS", problem))
                    .ok()
            });
        let auth = read.auth();
        let secret = read
            .required("WORKER_SECRET", "create one with: openssl rand -hex 32")
            .and_then(|text| read.long_enough("WORKER_SECRET", text));
        let budget = Duration::from_secs(read.number("WORKER_BUDGET_SECONDS", 20, 5, 840));
        let concurrency = usize::try_from(read.number("WORKER_CONCURRENCY", 8, 1, 256)).unwrap_or(8);
        let netlify_scheduled = match read.optional("WORKER_SCHEDULED_BY").as_deref() {
            None => false,
            Some("netlify") => true,
            Some(_) => {
                read.problem("WORKER_SCHEDULED_BY", "must be netlify or unset");
                false
            }
        };
        let webhooks = read.webhooks();
        let days = read.number("RETENTION_DAYS", 0, 0, 36_500);
        let retention = (days > 0).then(|| Duration::from_secs(days * DAY));
        let emf = read.emf();
        let rates = Rates {
            connects: Rate::of(read.number("CONNECTS_PER_MINUTE", 60, 0, 100_000)),
            creates: Rate::of(read.number("CREATES_PER_MINUTE", 600, 0, 100_000)),
            validations: Rate::of(read.number("VALIDATIONS_PER_MINUTE", 120, 0, 100_000)),
        };
        let client_address_header = read.optional("CLIENT_ADDRESS_HEADER").and_then(|name| {
            let header = name.parse().ok();
            if header.is_none() {
                read.problem(
                    "CLIENT_ADDRESS_HEADER",
                    "must be the name of a header, such as X-Forwarded-For",
                );
            }
            header
        });
        let base = app_url.as_ref().map_or("https://app.invalid", Url::as_str);
        let platforms =
            platforms.iter().filter_map(|vars| Some((vars.platform, read.platform(vars, base)?))).collect();
        match (app_url, database_url, keys, auth, secret) {
            (Some(app_url), Some(database_url), Some(keys), Some(auth), Some(secret))
                if read.problems.is_empty() =>
            {
                let worker = WorkerConfig {
                    secret: WorkerSecret::new(secret),
                    budget,
                    concurrency,
                    netlify_scheduled,
                    retention,
                    emf,
                };
                let database_url = DatabaseUrl::new(database_url);
                Ok(Self {
                    mode,
                    app_url,
                    links,
                    database_url,
                    keys,
                    auth,
                    worker,
                    webhooks,
                    client_address_header,
                    rates,
                    platforms,
                })
            }
            _ => Err(ConfigError { problems: read.problems }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIKTOK: PlatformVars = PlatformVars {
        platform: "tiktok",
        client_id: "TIKTOK_CLIENT_KEY",
        client_secret: "TIKTOK_CLIENT_SECRET",
        redirect_uri: "TIKTOK_REDIRECT_URI",
        callback: "tiktok-callback",
        urls: &[("TIKTOK_API_URL", "https://api.example")],
        lists: &["TIKTOK_SCOPES"],
        words: &[("API_VERSION", "v25.0")],
        audited: None,
    };

    fn read(mode: Mode, vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let vars: HashMap<String, String> = vars.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Config::from_vars(mode, &[TIKTOK], &|name| vars.get(name).cloned())
    }

    const GOOD: &[(&str, &str)] = &[
        ("APP_URL", "https://app.example"),
        ("DATABASE_URL", "postgres://canary@db/x"),
        ("TOKEN_ENCRYPTION_KEYS", "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
        ("AUTH_JWT_SECRET", "a-secret-of-enough-bytes"),
        ("WORKER_SECRET", "a-secret-of-enough-bytes"),
    ];

    #[test]
    fn every_problem_is_reported_at_once_by_name_and_without_values() {
        let vars = [
            ("APP_URL", "http://canary.example"),
            ("DATABASE_URL", "postgres://canary@h:99999/db"),
            ("WORKER_SECRET", "canary"),
        ];
        let error = read(Mode::Hosted, &vars).unwrap_err().to_string();
        for name in ["APP_URL", "DATABASE_URL", "TOKEN_ENCRYPTION_KEYS", "AUTH_JWT_SECRET", "WORKER_SECRET"] {
            assert!(error.contains(name), "{name} in {error}");
        }
        assert!(!error.contains("canary"), "{error}");
    }

    #[test]
    fn a_platform_without_credentials_is_off_and_half_of_them_is_an_error() {
        assert!(read(Mode::Hosted, GOOD).unwrap().platforms.is_empty());
        let half = [GOOD, &[("TIKTOK_CLIENT_KEY", "aw1")]].concat();
        assert!(read(Mode::Hosted, &half).unwrap_err().to_string().contains("TIKTOK_CLIENT_SECRET"));
    }

    #[test]
    fn cloudwatch_metrics_need_a_functions_name() {
        assert_eq!(read(Mode::Hosted, GOOD).unwrap().worker.emf, None);
        for (vars, problem) in [
            (&[("METRICS", "emf")][..], "\n  AWS_LAMBDA_FUNCTION_NAME: "),
            (&[("METRICS", "prometheus"), ("AWS_LAMBDA_FUNCTION_NAME", "worker")], "\n  METRICS: "),
        ] {
            let error = read(Mode::Hosted, &[GOOD, vars].concat()).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
        let vars = [GOOD, &[("METRICS", "emf"), ("AWS_LAMBDA_FUNCTION_NAME", "worker")]].concat();
        assert_eq!(read(Mode::Hosted, &vars).unwrap().worker.emf.as_deref(), Some("worker"));
    }

    #[test]
    fn legal_pages_are_optional_and_must_be_complete_urls() {
        let links = read(Mode::Hosted, GOOD).unwrap().links;
        assert!(links.terms.is_none() && links.privacy.is_none());
        let vars =
            [GOOD, &[("TERMS_URL", "https://app.example/terms"), ("PRIVACY_URL", "/privacy")]].concat();
        let error = read(Mode::Hosted, &vars).unwrap_err().to_string();
        assert!(error.contains("PRIVACY_URL") && !error.contains("TERMS_URL"), "{error}");
    }

    #[test]
    fn the_redirect_uri_follows_from_the_address_of_the_product() {
        let vars = [GOOD, &[("TIKTOK_CLIENT_KEY", "aw1"), ("TIKTOK_CLIENT_SECRET", "s")]].concat();
        let config = read(Mode::Hosted, &vars).unwrap();
        let tiktok = config.platforms.get("tiktok").unwrap();
        assert_eq!(tiktok.redirect_uri, "https://app.example/.netlify/functions/tiktok-callback");
        assert_eq!(tiktok.url("TIKTOK_API_URL", "/v2/x/").as_str(), "https://api.example/v2/x/");
    }

    #[test]
    fn a_word_stands_in_a_path_and_is_nothing_but_a_word() {
        let on = [GOOD, &[("TIKTOK_CLIENT_KEY", "aw1"), ("TIKTOK_CLIENT_SECRET", "s")]].concat();
        let path = |vars: &[(&str, &str)]| {
            let config = read(Mode::Hosted, vars)?;
            let tiktok = config.platforms.get("tiktok").unwrap();
            Ok::<_, ConfigError>(tiktok.url("TIKTOK_API_URL", "/{API_VERSION}/me").path().to_owned())
        };
        assert_eq!(path(&on).unwrap(), "/v25.0/me");
        assert_eq!(path(&[&on[..], &[("API_VERSION", "v26.0")]].concat()).unwrap(), "/v26.0/me");
        for no_word in ["v26/..", "..", "a b", "v26?x"] {
            let error = path(&[&on[..], &[("API_VERSION", no_word)]].concat()).unwrap_err();
            assert!(error.to_string().contains("API_VERSION"), "{no_word}");
        }
    }

    #[test]
    fn plain_http_to_loopback_is_for_local_mode_alone() {
        let mut vars = GOOD.to_vec();
        vars[0] = ("APP_URL", "http://localhost:8888");
        assert!(read(Mode::Local, &vars).is_ok());
        assert!(read(Mode::Hosted, &vars).is_err());
        vars[0] = ("APP_URL", "http://example.com");
        assert!(read(Mode::Local, &vars).is_err());
    }
}
