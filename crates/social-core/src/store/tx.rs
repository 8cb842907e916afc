//! A transaction that says whose it is, with unnamed statements.

use std::future::Future;
use std::pin::Pin;

use futures_util::Stream;
use sqlx::postgres::{PgArguments, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{AssertSqlSafe, Either, Execute, Executor, Postgres, SqlSafeStr, SqlStr};

use crate::model::OwnerId;
use crate::store::Store;

type Boxed<'e, T> = Pin<Box<dyn Future<Output = Result<T, sqlx::Error>> + Send + 'e>>;
type Rows<'e> = Pin<Box<dyn Stream<Item = Result<Either<PgQueryResult, PgRow>, sqlx::Error>> + Send + 'e>>;

/// A transaction under the fence of row level security.
#[derive(Debug)]
pub(super) struct Tx(sqlx::Transaction<'static, Postgres>);

impl Store {
    /// A transaction that sees one owner's rows. Who it is travels with `begin`, so it costs no round trip.
    pub(super) async fn begin_as(&self, owner: &OwnerId) -> Result<Tx, sqlx::Error> {
        // A `sub` is our user's text: quotes are doubled, and standard_conforming_strings leaves the rest alone.
        let owner = owner.as_str().replace('\'', "''");
        let begin = format!("begin; select set_config('social.owner', '{owner}', true)");
        self.begin_with(AssertSqlSafe(begin)).await
    }

    /// A transaction that sees all rows: the worker's, and the callback's until it knows whose the state is.
    pub(super) async fn begin_as_worker(&self) -> Result<Tx, sqlx::Error> {
        self.begin_with("begin; select set_config('social.worker', 'on', true)").await
    }

    async fn begin_with(&self, begin: impl SqlSafeStr) -> Result<Tx, sqlx::Error> {
        Ok(Tx(self.pool.begin_with(begin).await?))
    }
}

impl Tx {
    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        self.0.commit().await
    }
}

/// A query that is prepared under no name: poolers hand the next statement to another server connection, where
/// a name would mean nothing, or something else.
struct Statement<E>(E);

impl<'q, E: Execute<'q, Postgres>> Execute<'q, Postgres> for Statement<E> {
    fn sql(self) -> SqlStr {
        self.0.sql()
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.0.statement()
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, sqlx::error::BoxDynError> {
        self.0.take_arguments()
    }

    fn persistent(&self) -> bool {
        false
    }
}

impl<'c> Executor<'c> for &'c mut Tx {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> Rows<'e>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.0.fetch_many(Statement(query))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> Boxed<'e, Option<PgRow>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.0.fetch_optional(Statement(query))
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> Boxed<'e, PgStatement>
    where
        'c: 'e,
    {
        self.0.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> Boxed<'e, sqlx::Describe<Postgres>>
    where
        'c: 'e,
    {
        self.0.describe(sql)
    }
}
