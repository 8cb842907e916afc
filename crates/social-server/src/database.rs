//! Migrates the database's schema.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::error::ServerError;
use crate::logs::{self, Reader};
use crate::vars::Vars;

/// 5 s: a database that starts at the same time, as in compose files, is ready by then.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often to try again.
const KNOCK: Duration = Duration::from_millis(100);

/// Runs `social-server migrate`.
pub(crate) fn run() -> Result<(), ServerError> {
    let vars = Vars::of_environment();
    logs::start(&vars, Reader::Person);
    let url = vars.find("DATABASE_URL").ok_or(ServerError::NoDatabase)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServerError::Runtime)?;
    runtime.block_on(migrate(&url))?;
    println!("The schema is up to date.");
    Ok(())
}

/// Brings the schema up to date, over a connection of its own.
pub(crate) async fn migrate(url: &str) -> Result<(), ServerError> {
    let url = url.trim();
    // sqlx reads any scheme.
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(ServerError::DatabaseUrl);
    }
    let options: PgConnectOptions = url.parse().map_err(|_| ServerError::DatabaseUrl)?;
    let options = options.extra_float_digits(None).application_name("social-publisher-migrate");
    let mut connection = connect(&options).await?;
    social_schema::migrate(&mut connection).await?;
    // The schema is up to date, even if closing fails.
    let _ = connection.close().await;
    Ok(())
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, ServerError> {
    let began = Instant::now();
    loop {
        match options.connect().await {
            Ok(connection) => return Ok(connection),
            Err(error) if is_starting(&error) && began.elapsed() < PATIENCE => {
                tokio::time::sleep(KNOCK).await;
            }
            Err(error) => return Err(ServerError::Unreachable(error)),
        }
    }
}

/// Reports whether a server may be starting: no process listens yet, or it returns `cannot_connect_now`.
fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => error.code().as_deref() == Some("57P03"),
        _ => false,
    }
}
