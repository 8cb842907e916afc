//! Simulates a platform like Meta's: a code yields a short-lived token, which is extended, inspected, and
//! opens several Pages.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::clock::SystemClock;
use crate::config::{Config, Mode, PlatformVars};
use crate::entropy::SystemEntropy;
use crate::http::{Effect, Http};
use crate::model::{AccountMetadata, OwnerId, PlatformId, ReturnTo};
use crate::platform::tiktok::TikTok;
use crate::platform::{ClientParts, Extension, Facts, OAuthProfile, Pace, Pkce, RemoteAccount};
use crate::secret::{AccessToken, RefreshToken};
use crate::store::Store;
use crate::vault::Vault;

struct Pages;

const GRAPH: &str = "PAGES_GRAPH_URL";

static FACTS: Facts = Facts {
    id: PlatformId::new("pages"),
    vars: PlatformVars {
        platform: "pages",
        client_id: "PAGES_CLIENT_ID",
        client_secret: "PAGES_CLIENT_SECRET",
        redirect_uri: "PAGES_REDIRECT_URI",
        callback: "social-accounts-callback",
        urls: &[(GRAPH, "https://graph.example")],
        lists: &["PAGES_SCOPES"],
        words: &[("GRAPH_VERSION", "v25.0")],
        audited: None,
    },
    oauth: OAuthProfile {
        authorize: (GRAPH, "/{GRAPH_VERSION}/dialog/oauth"),
        token: (GRAPH, "/{GRAPH_VERSION}/oauth/access_token"),
        extension: Some(Extension {
            endpoint: (GRAPH, "/{GRAPH_VERSION}/oauth/access_token"),
            grant_type: "fb_exchange_token",
            token: "fb_exchange_token",
            client: ClientParts::IdAndSecret,
        }),
        renewal: Renewal::Never,
        revoke: None,
        client_id: "client_id",
        scopes: &["pages_manage_posts"],
        scopes_var: "PAGES_SCOPES",
        separator: ',',
        needed: &[&["pages_manage_posts"]],
        pkce: Pkce::No,
        extra: &[],
    },
    surfaces: &[],
    ai_label: "is_ai_generated",
    errors: &[],
    pace: Pace { spacing: Duration::ZERO },
};

impl Connector for Pages {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }
    fn introspection_call(&self, settings: &PlatformSettings, grant: &Grant) -> Option<Call> {
        let call = Call::new(Method::GET, settings.url(GRAPH, "/{GRAPH_VERSION}/me"), Effect::Read);
        Some(call.query(&[("fields", "id,permissions")]).bearer(&grant.access_token))
    }
    fn read_introspection(&self, grant: Grant, reply: &Reply) -> Result<Grant, PlatformError> {
        let me: Value = reply.json().ok_or_else(|| PlatformError::unreadable(reply))?;
        let granted = me["permissions"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let scopes = granted.map(str::to_owned).collect();
        Ok(Grant { scopes, granted_by: me["id"].as_str().map(str::to_owned), ..grant })
    }
    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, page: Option<&str>) -> Call {
        let call = Call::new(Method::GET, settings.url(GRAPH, "/{GRAPH_VERSION}/me/accounts"), Effect::Read);
        call.query(&[("after", page.unwrap_or_default())]).bearer(&grant.access_token)
    }
    fn read_accounts(
        &self,
        _: &PlatformSettings,
        _: &Grant,
        _: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError> {
        let listed: Value = reply.json().ok_or_else(|| PlatformError::unreadable(reply))?;
        let accounts = listed["data"].as_array().into_iter().flatten().map(|page| RemoteAccount {
            id: page["id"].as_str().unwrap_or_default().to_owned(),
            username: None,
            metadata: AccountMetadata::default(),
            token: page["access_token"].as_str().map(AccessToken::new),
        });
        let next = listed["after"].as_str().map(str::to_owned);
        Ok(RemoteAccounts { accounts: accounts.collect(), next, ..RemoteAccounts::default() })
    }
}

/// Returns a flow whose only platform responds with `replies` in order, and the requests it received.
async fn asked(replies: Vec<Value>) -> (Flow, PlatformSettings, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    tokio::spawn(async move {
        for reply in replies {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let length = connection.read(&mut request).await.unwrap();
            ear.lock().unwrap().push(String::from_utf8_lossy(&request[..length]).into_owned());
            let body = reply.to_string();
            let length = body.len();
            let answer =
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
            connection.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let var = |name: &str| {
        let value = match name {
            "APP_URL" => "https://app.example",
            "DATABASE_URL" => "postgres://localhost/never-asked",
            "TOKEN_ENCRYPTION_KEYS" => "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
            "AUTH_JWT_SECRET" | "WORKER_SECRET" => "long-enough-to-be-one",
            "PAGES_CLIENT_ID" => "1001",
            "PAGES_CLIENT_SECRET" => "canary",
            "PAGES_GRAPH_URL" => base.as_str(),
            _ => return None,
        };
        Some(value.to_owned())
    };
    // Local mode, because the platform is at a loopback address.
    let vars = |name: &str| var(name).map(|value| value.replace("https://app.example", "http://localhost:1"));
    let mut config = Config::from_vars(Mode::Local, &[FACTS.vars], &vars).unwrap();
    let settings = config.platforms.remove("pages").unwrap();
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let vault = Vault::new(Arc::clone(&config.keys), entropy.clone());
    let store = Store::connect_lazy(&config.database_url, 1, vault, clock.clone(), entropy.clone()).unwrap();
    let http = Http::new(clock.clone());
    (Flow { store, http, config: Arc::new(config), clock, entropy }, settings, heard)
}

fn connection() -> Connection {
    Connection {
        owner: OwnerId::new("alice").unwrap(),
        platform: FACTS.id.clone(),
        redirect_uri: "http://localhost:1/back".into(),
        code_verifier: None,
        cookie_hash: Vec::new(),
        return_to: ReturnTo::default(),
        reconnects: None,
    }
}

#[tokio::test]
async fn a_code_becomes_a_lasting_grant_with_its_person_and_scopes() {
    let (flow, settings, heard) = asked(vec![
        json!({"access_token": "short", "token_type": "bearer"}),
        json!({"access_token": "long", "token_type": "bearer", "expires_in": 5_183_944}),
        json!({"id": "501", "permissions": ["pages_manage_posts"]}),
    ])
    .await;
    let exchange = Exchange { flow: &flow, platform: &Pages, settings: &settings };
    let grant = exchange.grant(&connection(), &AuthorizationCode::new("c0de")).await.unwrap();
    assert_eq!((grant.access_token.expose(), grant.granted_by.as_deref()), ("long", Some("501")));
    assert_eq!(grant.scopes, ["pages_manage_posts"]);
    assert!(exchange.lasts(&grant), "what is never refreshed needs no refresh token");
    let heard = heard.lock().unwrap();
    assert!(heard[0].starts_with("POST /v25.0/oauth/access_token HTTP/1.1"), "{}", heard[0]);
    assert!(!heard[0].lines().next().unwrap().contains("canary"), "the exchange has the secret in its body");
    let extension = "GET /v25.0/oauth/access_token?grant_type=fb_exchange_token&client_id=1001&client_secret=canary&fb_exchange_token=short ";
    assert!(heard[1].starts_with(extension), "{}", heard[1]);
    assert!(heard[2].to_lowercase().contains("authorization: bearer long"), "{}", heard[2]);
}

#[tokio::test]
async fn every_page_of_accounts_is_read_and_each_account_counts_once() {
    let (flow, settings, heard) = asked(vec![
        json!({"data": [{"id": "1", "access_token": "p1"}, {"id": "2", "access_token": "p2"}], "after": "QVFI&c"}),
        json!({"data": [{"id": "2", "access_token": "again"}, {"id": "3"}]}),
    ])
    .await;
    let exchange = Exchange { flow: &flow, platform: &Pages, settings: &settings };
    let accounts = exchange.accounts(&Grant::new(AccessToken::new("long"))).await.unwrap();
    let tokens: Vec<_> =
        accounts.accounts.iter().map(|a| a.token.as_ref().map(AccessToken::expose)).collect();
    assert_eq!(tokens, [Some("p1"), Some("p2"), None]);
    assert!(heard.lock().unwrap()[1].starts_with("GET /v25.0/me/accounts?after=QVFI%26c "));
}

#[tokio::test]
async fn an_extension_that_is_refused_connects_nothing() {
    let (flow, settings, _) =
        asked(vec![json!({"access_token": "short"}), json!({"error": "invalid_grant"})]).await;
    let exchange = Exchange { flow: &flow, platform: &Pages, settings: &settings };
    let refused = exchange.grant(&connection(), &AuthorizationCode::new("c0de")).await.unwrap_err();
    assert_eq!(refused, Reason::ExchangeFailed);
}

#[tokio::test]
async fn a_short_lived_token_that_nothing_refreshes_does_not_last() {
    let (flow, settings, _) = asked(Vec::new()).await;
    let lasts = |platform: &'static dyn Connector, grant: &Grant| {
        Exchange { flow: &flow, platform, settings: &settings }.lasts(grant)
    };
    let hour = Grant { expires_in: Some(Duration::from_hours(1)), ..Grant::new(AccessToken::new("x")) };
    let refreshed = Grant { refresh_token: Some(RefreshToken::new("r")), ..hour.clone() };
    assert!(!lasts(&TikTok, &hour) && lasts(&TikTok, &refreshed));
    assert!(lasts(&TikTok, &Grant::new(AccessToken::new("for ever"))) && lasts(&Pages, &hour));
}

#[tokio::test]
async fn an_extension_carries_what_the_platform_requires_of_the_client_and_no_more() {
    let (_, settings, _) = asked(Vec::new()).await;
    let query = |client| {
        let extension = Extension {
            endpoint: (GRAPH, "/refresh_access_token"),
            grant_type: "ig_refresh_token",
            token: "access_token",
            client,
        };
        let call = extension.call(&settings, &AccessToken::new("long"));
        assert_eq!((call.method, call.url.path()), (Method::GET, "/refresh_access_token"));
        call.url.query().unwrap().to_owned()
    };
    assert_eq!(query(ClientParts::Nothing), "grant_type=ig_refresh_token&access_token=long");
    assert_eq!(
        query(ClientParts::Secret),
        "grant_type=ig_refresh_token&client_secret=canary&access_token=long"
    );
}
