//! What waits: for its account, for a window, for its turn.

use uuid::Uuid;

use crate::model::{AccountStatus, HeldReason, Window};
use crate::platform::{self, ENDED};
use crate::store::{Store, Tx, seconds};

/// Lets an account's waiting results go on: from where they were, or from the beginning.
pub(super) async fn release(tx: &mut Tx, account: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update post_results
        set state = case when step is null then 'queued' when committed then 'processing' else 'publishing' end,
            held_reason = null, failures = 0, rejected_version = null, error_code = null, error_message = null,
            due_at = (
                select greatest(p.publish_at, social_now()) from social_posts p where p.id = post_id
            ),
            updated_at = social_now()
        where account_id = $1 and state = 'held' and held_reason = 'needs_reconnect'
        "#,
        account,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Why an account's results wait for a new connection.
pub(super) struct Parking<'a> {
    pub(super) code: &'a str,
    pub(super) message: &'a str,
}

impl<'a> Parking<'a> {
    /// The grant has ended, for a reason we have a sentence for.
    pub(super) fn because(message: &'a str) -> Self {
        Self { code: HeldReason::NeedsReconnect.name(), message }
    }

    /// As the turn says that met the end of the grant.
    pub(super) fn met(code: Option<&'a str>, message: Option<&'a str>) -> Self {
        let Self { code: usual, message: ended } = Self::because(ENDED);
        Self { code: code.unwrap_or(usual), message: message.unwrap_or(ended) }
    }
}

/// Parks what an account has under way until it is connected again, each with the reason. What is parked already keeps
/// the one it has.
pub(super) async fn park(tx: &mut Tx, account: Uuid, parking: &Parking<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update post_results
        set state = 'held', held_reason = 'needs_reconnect', due_at = case when not committed then expires_at end,
            slot_at = case when step is not null then slot_at end,
            error_code = case when held_reason = 'needs_reconnect' then coalesce(error_code, $2) else $2 end,
            error_message = case when held_reason = 'needs_reconnect' then coalesce(error_message, $3) else $3 end,
            updated_at = social_now()
        where account_id = $1 and state in ('queued', 'held', 'publishing', 'processing') and not in_flight
            and lease_token is null
        "#,
        account,
        parking.code,
        parking.message,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Parks what else the account has under way, unless its owner has connected it again since: then this result
/// goes on as well.
pub(super) async fn park_unless_connected(
    tx: &mut Tx,
    account: Uuid,
    parking: &Parking<'_>,
) -> Result<(), sqlx::Error> {
    // Locked, so that a connection just being made either sees the parked results or is seen here.
    let status = sqlx::query_scalar!("select status from social_accounts where id = $1 for share", account)
        .fetch_one(&mut *tx)
        .await?;
    if status == AccountStatus::Active.name() {
        release(tx, account).await
    } else {
        park(tx, account, parking).await
    }
}

/// A pause that a platform asked for.
pub(super) struct Hold<'a> {
    pub(super) account: Uuid,
    /// The platform, where all of it is to pause and not the account alone.
    pub(super) platform: Option<&'a str>,
    pub(super) reason: HeldReason,
    pub(super) window: Window,
    pub(super) code: Option<&'a str>,
    pub(super) message: Option<&'a str>,
}

/// Holds what else waits for the same window: it is the account's or the app's, not the result's. A row that is just
/// being claimed, or held by another who met the same window, is left to them.
pub(super) async fn hold(tx: &mut Tx, hold: &Hold<'_>) -> Result<(), sqlx::Error> {
    let (after, midnight_in) = hold.window.after();
    sqlx::query!(
        r#"
        with clock as materialized (
            select social_after($3, $4) as until
        ),
        waiting as materialized (
            select r.id
            from post_results r
            cross join clock
            where (r.account_id = $1 or r.platform = $7) and r.state = 'queued' and r.lease_token is null
                and r.due_at < clock.until
            order by r.id
            for no key update of r skip locked
        )
        update post_results r
        set state = 'held', held_reason = $2, due_at = least(clock.until, r.expires_at), slot_at = null,
            error_code = $5, error_message = $6, updated_at = social_now()
        from waiting
        cross join clock
        where r.id = waiting.id
        "#,
        hold.account,
        hold.reason.name(),
        seconds(after),
        midnight_in,
        hold.code,
        hold.message,
        hold.platform,
    )
    .execute(tx)
    .await?;
    Ok(())
}

impl Store {
    /// Closes the ranks of accounts where more than half of the turns that were given are nobody's any more, because
    /// their posts were called off: who still waits begins as soon as it may. That is for whoever waits, so that it
    /// cannot be done now is no trouble of the caller's.
    pub(super) async fn give_turns_back(&self, accounts: &[Uuid]) {
        if let Err(error) = self.close_ranks(accounts).await {
            tracing::warn!("turns could not be given back: {error}");
        }
    }

    async fn close_ranks(&self, accounts: &[Uuid]) -> Result<(), sqlx::Error> {
        let (platforms, spacings): (Vec<String>, Vec<f64>) = platform::WORKERS
            .iter()
            .map(|worker| (worker.id().to_string(), seconds(worker.pace().spacing)))
            .unzip();
        let mut tx = self.begin_as_worker().await?;
        sqlx::query!(
            r#"
            with line as materialized (
                select a.id, pace.spacing
                from social_accounts a
                join unnest($2::text[], $3::float8[]) as pace (platform, spacing) on pace.platform = a.platform
                where a.id = any($1) and a.next_start_at > social_now() + make_interval(secs => 2 * pace.spacing * (
                    select 1 + count(*) from post_results r
                    where r.account_id = a.id and r.state = 'queued' and r.slot_at > social_now()
                ))
                for no key update of a skip locked
            ),
            waiting as materialized (
                select r.id
                from post_results r
                where r.account_id in (select id from line) and r.state = 'queued' and r.lease_token is null
                    and r.step is null and r.slot_at > social_now()
                for no key update of r skip locked
            ),
            moved as (
                update post_results r set slot_at = null, due_at = social_now()
                from waiting where r.id = waiting.id
            )
            update social_accounts a
            set next_start_at = social_now() + make_interval(secs => line.spacing)
            from line where a.id = line.id
            "#,
            accounts,
            &platforms,
            &spacings,
        )
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }
}
