//! A change of a row that waits for a lock, so that its worker can be killed in the middle of a save.

use sqlx::{Postgres, Transaction};

use super::{WAITING, kill_when};
use crate::world::World;

/// A lock that a change of a row waits for.
pub(crate) struct Halt<'a> {
    world: &'a World,
    table: &'static str,
    holder: Transaction<'static, Postgres>,
}

impl<'a> Halt<'a> {
    /// Halts a change of a table, such as `insert`, where a condition on `new` holds.
    pub(crate) async fn at(world: &'a World, change: &str, table: &'static str, condition: &str) -> Self {
        world
            .execute(&format!(
                "create function wait_here() returns trigger language plpgsql as $$ begin
                    if {condition} then perform pg_advisory_xact_lock(7); end if;
                    return new;
                end $$"
            ))
            .await;
        world
            .execute(&format!(
                "create trigger wait_here before {change} on {table} for each row execute function wait_here()"
            ))
            .await;
        let mut holder = world.db.begin().await.unwrap();
        sqlx::query("select pg_advisory_xact_lock(7)").execute(&mut *holder).await.unwrap();
        Self { world, table, holder }
    }

    /// Runs workers until one is halted, which is killed: its change is undone. Returns whether one was.
    pub(crate) async fn kill_worker(self) -> bool {
        let Self { world, table, holder } = self;
        let died = kill_when(world, async || {
            while world.scalar(WAITING).await == 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        world.execute("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())").await;
        drop(holder);
        world.execute(&format!("drop trigger wait_here on {table}")).await;
        died
    }
}
