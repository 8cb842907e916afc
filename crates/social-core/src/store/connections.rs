//! The connections to Postgres: where they lead, how they are trusted, and one call over one of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::pin::pin;
use std::time::Duration;

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};
use percent_encoding::percent_decode_str;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, Row};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use crate::secret::DatabaseUrl;
use crate::store::call::{Call, Columns};
use crate::store::error::{StoreError, said};
use crate::store::trust::Trust;

/// 0.75 s: how long a call waits for a database that does not answer, so that its caller knows within a second.
/// `connect_timeout` in the URL replaces it.
const KNOCK: Duration = Duration::from_millis(750);

/// 5 s: for a busy connection to become free, and for a database that does not answer what must be saved.
const PATIENCE: Duration = Duration::from_secs(5);

/// 10 s: a peer that acknowledges nothing for that long is gone.
const SILENCE: Duration = Duration::from_secs(10);

/// Parameters of a URL that the driver knows (its `Config`), besides those of trust. Others are other drivers', and
/// passed over.
const KNOWN: &[&str] = &[
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "sslnegotiation",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// Connections that are made when they are first used, and kept.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    pool: Pool,
    knock: Duration,
}

impl Connections {
    /// # Errors
    /// When the URL cannot be read.
    pub(super) fn lazy(url: &DatabaseUrl, most: u32) -> Result<Self, StoreError> {
        let (mut config, trust) = read(url)?;
        let knock = config.get_connect_timeout().copied().unwrap_or(KNOCK);
        let patience = knock.max(PATIENCE);
        config.connect_timeout(patience).tcp_user_timeout(SILENCE);
        let tls = MakeRustlsConnect::new(trust.client_config()?);
        // Nothing is asked of a connection before it is used: the driver knows whether it has ended.
        let manager =
            Manager::from_config(config, tls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let pool = Pool::builder(manager)
            .max_size(usize::try_from(most).unwrap_or(usize::MAX))
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(patience))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|_| StoreError::Url("the pool of connections cannot be made"))?;
        Ok(Self { pool, knock })
    }

    /// Makes a call, and reads the rows that it returns.
    pub(super) async fn rows<R: Columns>(&self, call: Call<'_>) -> Result<Vec<R>, StoreError> {
        let rows = self.call(&call).await?;
        rows.iter().map(R::read).collect::<Result<_, _>>().map_err(|error| {
            tracing::error!("a row that the database returned cannot be read: {}", said(&error));
            StoreError::Inconsistent("what a function of the database returns")
        })
    }

    /// Makes a call. If its connection breaks, it is made once more where that does no harm.
    pub(super) async fn call(&self, call: &Call<'_>) -> Result<Vec<Row>, StoreError> {
        match self.call_once(call).await {
            Err(error) if error.is_shutdown() => self.call_once(call).await,
            Err(StoreError::Broken(_)) if call.is_repeatable() => self.call_once(call).await,
            outcome => outcome,
        }
    }

    /// Makes a statement without arguments, on any schema.
    pub(super) async fn select(&self, statement: &str) -> Result<Vec<Row>, StoreError> {
        let client = self.take().await?;
        Ok(client.query_typed(statement, &[]).await?)
    }

    async fn call_once(&self, call: &Call<'_>) -> Result<Vec<Row>, StoreError> {
        let client = if call.is_patient() { self.take_patiently().await } else { self.take().await }?;
        Ok(client.query_typed(&call.text(), &call.arguments()).await?)
    }

    /// Takes a connection, or gives up soon if the database does not answer.
    async fn take(&self) -> Result<Object, StoreError> {
        let mut taken = pin!(self.take_patiently());
        match tokio::time::timeout(self.knock, &mut taken).await {
            Ok(taken) => taken,
            // All connections are busy: the database answers, and one becomes free.
            Err(_) if self.pool.status().size > 0 => taken.await,
            Err(_) => Err(StoreError::Unreachable("it does not answer".to_owned())),
        }
    }

    async fn take_patiently(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => StoreError::unreachable(&error),
            PoolError::Timeout(TimeoutType::Wait) => {
                StoreError::Unreachable("all connections stayed busy".to_owned())
            }
            PoolError::Timeout(_) => StoreError::Unreachable("it does not answer".to_owned()),
            error => StoreError::Unreachable(error.to_string()),
        })
    }

    /// Closes every connection.
    pub(super) fn close(&self) {
        self.pool.close();
    }
}

/// Reads a URL as libpq does (`PostgreSQL`, "Connection Strings" and "SSL Support"): what the query says stands before
/// what the authority says.
fn read(url: &DatabaseUrl) -> Result<(Config, Trust), StoreError> {
    let url = Url::parse(url.expose().trim()).map_err(|_| StoreError::Url("it is no URL"))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(StoreError::Url("it begins with postgres://"));
    }
    let mut pairs: BTreeMap<String, String> = BTreeMap::new();
    let mut say = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            pairs.insert(name.to_owned(), percent_decode_str(value).decode_utf8_lossy().into_owned());
        }
    };
    say("user", Some(url.username()));
    say("password", url.password());
    say("host", url.host_str().map(|host| host.trim_matches(['[', ']'])));
    say("port", url.port().map(|port| port.to_string()).as_deref());
    say("dbname", url.path().strip_prefix('/'));
    pairs.extend(url.query_pairs().into_owned());
    let trust =
        Trust::of(pairs.get("sslmode").map(String::as_str), pairs.get("sslrootcert").map(String::as_str))?;
    // There is no TLS over a socket of the same machine.
    let is_socket = pairs.get("host").is_some_and(|host| host.starts_with('/'));
    let trust = if is_socket { Trust::None } else { trust };
    let mut text = String::new();
    for (name, value) in pairs.iter().filter(|(name, _)| KNOWN.contains(&name.as_str())) {
        let value = value.replace('\\', "\\\\").replace('\'', "\\'");
        // Writing to a String cannot fail.
        let _ = write!(text, "{name}='{value}' ");
    }
    let mut config: Config = text.parse().map_err(|_| StoreError::Url("a parameter has no such value"))?;
    config.ssl_mode(match trust {
        Trust::None => SslMode::Disable,
        Trust::IfOffered => SslMode::Prefer,
        Trust::Anyone | Trust::Authority(_) | Trust::Host(_) => SslMode::Require,
    });
    if config.get_application_name().is_none() {
        config.application_name("social-publisher");
    }
    Ok((config, trust))
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::Host;

    use super::*;

    fn config(url: &str) -> Config {
        read(&DatabaseUrl::new(url)).unwrap().0
    }

    #[test]
    fn a_url_is_read_as_libpq_reads_it() {
        let config = config(
            "postgresql://a%40b:p+%27%5C%20x@db.example:6543/my%20db?sslmode=require&pgbouncer=true&application_name=two+words",
        );
        assert_eq!(config.get_user(), Some("a@b"));
        assert_eq!(config.get_password(), Some(&b"p+'\\ x"[..]));
        assert_eq!(config.get_hosts(), [Host::Tcp("db.example".to_owned())]);
        assert_eq!(config.get_ports(), [6543]);
        assert_eq!(config.get_dbname(), Some("my db"));
        assert_eq!(config.get_application_name(), Some("two words"));
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
    }

    #[test]
    fn a_socket_in_the_query_stands_before_the_host() {
        let config = config("postgres://postgres@localhost:5432/social?host=%2Ftmp%2Fpg&sslmode=require");
        assert_eq!(config.get_hosts(), [Host::Unix("/tmp/pg".into())]);
        assert_eq!(config.get_ssl_mode(), SslMode::Disable);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for url in [
            "nothing",
            "mysql://localhost/db",
            "postgres://h/db?sslmode=maybe",
            "postgres://h/db?connect_timeout=soon",
        ] {
            assert!(matches!(read(&DatabaseUrl::new(url)), Err(StoreError::Url(_))), "{url}");
        }
    }
}
