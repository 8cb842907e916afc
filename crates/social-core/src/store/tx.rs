//! A transaction that says whose it is, with unnamed statements unless the database keeps named ones.

use std::future::Future;
use std::pin::Pin;

use futures_util::Stream;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnection, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{AssertSqlSafe, Either, Execute, Executor, Postgres, SqlSafeStr, SqlStr};

use crate::model::OwnerId;
use crate::store::Store;

type Boxed<'e, T> = Pin<Box<dyn Future<Output = Result<T, sqlx::Error>> + Send + 'e>>;
type Rows<'e> = Pin<Box<dyn Stream<Item = Result<Either<PgQueryResult, PgRow>, sqlx::Error>> + Send + 'e>>;

/// A transaction under the fence of row level security.
#[derive(Debug)]
pub(super) struct Tx {
    connection: Connection,
    keeps_statements: bool,
}

#[derive(Debug)]
enum Connection {
    /// Within `begin` and `commit`.
    Begun(sqlx::Transaction<'static, Postgres>),
    /// Each statement is a transaction of its own.
    Plain(PoolConnection<Postgres>),
}

impl Store {
    /// A transaction that sees one owner's rows. Who it is travels with `begin`, so it costs no round trip.
    pub(super) async fn begin_as(&self, owner: &OwnerId) -> Result<Tx, sqlx::Error> {
        // A `sub` is our user's text: quotes are doubled, and standard_conforming_strings leaves the rest alone.
        let owner = owner.as_str().replace('\'', "''");
        let begin = format!("begin; select set_config('social.owner', '{owner}', true)");
        self.begin_with(AssertSqlSafe(begin)).await
    }

    /// A connection for one call of a function that says by itself that it is the worker's (`migrations/*_in_functions`).
    /// Where statements are kept, the call is its own transaction, and one round trip. Elsewhere a pooler must be
    /// told that its two belong together.
    pub(super) async fn begin_function(&self) -> Result<Tx, sqlx::Error> {
        if !self.keeps_statements {
            return self.begin_with("begin").await;
        }
        Ok(Tx { connection: Connection::Plain(self.pool.acquire().await?), keeps_statements: true })
    }

    /// A transaction that sees all rows: the worker's, and the callback's until it knows whose the state is.
    pub(super) async fn begin_as_worker(&self) -> Result<Tx, sqlx::Error> {
        // A kept statement is to be planned once: Postgres would plan one with `limit $1` anew each time, because it
        // takes the general plan for dear.
        self.begin_with(if self.keeps_statements {
            "begin; select set_config('social.worker', 'on', true), set_config('plan_cache_mode', 'force_generic_plan', true)"
        } else {
            "begin; select set_config('social.worker', 'on', true)"
        })
        .await
    }

    async fn begin_with(&self, begin: impl SqlSafeStr) -> Result<Tx, sqlx::Error> {
        let connection = Connection::Begun(self.pool.begin_with(begin).await?);
        Ok(Tx { connection, keeps_statements: self.keeps_statements })
    }
}

impl Tx {
    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        match self.connection {
            Connection::Begun(transaction) => transaction.commit().await,
            Connection::Plain(_) => Ok(()),
        }
    }

    pub(super) async fn rollback(self) -> Result<(), sqlx::Error> {
        match self.connection {
            Connection::Begun(transaction) => transaction.rollback().await,
            Connection::Plain(_) => Ok(()),
        }
    }

    fn connection(&mut self) -> &mut PgConnection {
        match &mut self.connection {
            Connection::Begun(transaction) => transaction,
            Connection::Plain(connection) => connection,
        }
    }
}

/// A query that is prepared under no name: poolers hand the next statement to another server connection, where
/// a name would mean nothing, or something else. Only where the operator says that the database keeps statements
/// are they given names, which saves planning them each time.
struct Statement<E> {
    query: E,
    is_kept: bool,
}

impl<'q, E: Execute<'q, Postgres>> Execute<'q, Postgres> for Statement<E> {
    fn sql(self) -> SqlStr {
        self.query.sql()
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.query.statement()
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, sqlx::error::BoxDynError> {
        self.query.take_arguments()
    }

    fn persistent(&self) -> bool {
        self.is_kept
    }
}

impl<'c> Executor<'c> for &'c mut Tx {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> Rows<'e>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let is_kept = self.keeps_statements;
        self.connection().fetch_many(Statement { query, is_kept })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> Boxed<'e, Option<PgRow>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let is_kept = self.keeps_statements;
        self.connection().fetch_optional(Statement { query, is_kept })
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> Boxed<'e, PgStatement>
    where
        'c: 'e,
    {
        self.connection().prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> Boxed<'e, sqlx::Describe<Postgres>>
    where
        'c: 'e,
    {
        self.connection().describe(sql)
    }
}
