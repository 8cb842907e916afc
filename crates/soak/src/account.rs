//! The accounts, connected as their owners would connect them, and reconnected when necessary.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use http::{Method, header};
use serde::Deserialize;
use url::Url;

use crate::error::SoakError;
use crate::product::{Ask, FUNCTIONS, Product};

/// How many accounts belong to one user.
const PER_OWNER: usize = 16;
/// How often a connection is retried: the process that handles it may be killed.
const TRIES: u32 = 40;

/// A connected account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// Its id in the product.
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begun {
    auth_url: String,
}

#[derive(Deserialize)]
struct Listed {
    accounts: Vec<ListedAccount>,
}

#[derive(Deserialize)]
struct ListedAccount {
    id: String,
    username: Option<String>,
    status: String,
}

/// Connects this many accounts.
pub(crate) async fn connect_all(product: &Product, count: usize) -> Result<Vec<Account>, SoakError> {
    let names = (0..count).map(|index| (format!("owner-{}", index / PER_OWNER), format!("soak_{index}")));
    stream::iter(names)
        .map(|(owner, handle)| async move {
            connect(product, &owner, &handle).await?;
            let listed = list(product, &owner).await?;
            let found = listed.into_iter().find(|account| account.username.as_ref() == Some(&handle));
            match found {
                Some(account) => Ok(Account { id: account.id, owner, handle }),
                None => Err(SoakError::NotConnected { handle, landed: "it is not in the list".to_owned() }),
            }
        })
        .buffered(8)
        .try_collect()
        .await
}

/// Reconnects accounts whose grant has ended. That happens if the response to a refresh is lost, or if the
/// owner ends the grant at the platform.
pub(crate) async fn reconnect(product: Arc<Product>, accounts: Arc<Vec<Account>>, count: Arc<AtomicU64>) {
    let mut owners: Vec<&str> = accounts.iter().map(|account| account.owner.as_str()).collect();
    owners.dedup();
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        for owner in &owners {
            let listed = list(&product, owner).await.unwrap_or_default();
            for account in listed.into_iter().filter(|account| account.status == "needsReconnect") {
                let handle = account.username.unwrap_or_default();
                if connect(&product, owner, &handle).await.is_ok() {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }
}

async fn list(product: &Product, owner: &str) -> Result<Vec<ListedAccount>, SoakError> {
    let ask = Ask::by(owner, Method::GET, "/social-accounts?limit=100")?;
    Ok(product.read::<Listed>(&ask).await?.accounts)
}

/// Connects an account: popup, consent, callback.
async fn connect(product: &Product, owner: &str, handle: &str) -> Result<(), SoakError> {
    let mut landed = String::new();
    for _ in 0..TRIES {
        landed = try_to_connect(product, owner, handle).await?;
        if landed.contains("social=connected") {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Err(SoakError::NotConnected { handle: handle.to_owned(), landed })
}

async fn try_to_connect(product: &Product, owner: &str, handle: &str) -> Result<String, SoakError> {
    let begun = product.ask(&Ask::by(owner, Method::POST, "/tiktok-connect")?).await?;
    let cookie = begun.headers.get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
    let Some(cookie) = cookie.and_then(|cookie| cookie.split(';').next()) else {
        return Ok(format!("connect returned {} {}", begun.status, begun.code()));
    };
    let Begun { auth_url } = begun.json()?;
    let consent = product
        .client
        .post(auth_url)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(format!("account={handle}&scope=all&decision=allow"))
        .send()
        .await?;
    let location = consent.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    let Some(location) = location else { return Ok(format!("consent returned {}", consent.status())) };
    let callback = Url::parse(location)?;
    let path = callback.path().strip_prefix(FUNCTIONS).unwrap_or_default();
    let ask = Ask::new(Method::GET, format!("{path}?{}", callback.query().unwrap_or_default()))
        .header(header::COOKIE, cookie.to_owned());
    // The state works once: after a lost response, the connection restarts.
    let answer = match product.try_once(&ask).await {
        Ok(answer) => answer,
        Err(trouble) => return Ok(trouble),
    };
    let landed = answer.headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
    Ok(landed.map_or_else(|| format!("callback returned {}", answer.status), str::to_owned))
}
