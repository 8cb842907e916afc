//! Turns: how often an account may begin, and who begins when.

use uuid::Uuid;

use crate::platform;
use crate::store::leases::{DueRow, Room};
use crate::store::{Tx, seconds};

/// Decides which of some locked due rows may be taken now, as far as there is room and at most `limit`, in the order
/// given. Rows that want a
/// turn and cannot have it yet are moved to when they can; a row whose account another claim is just looking at
/// is left for the next.
pub(super) async fn take_turns(
    tx: &mut Tx,
    due: &[DueRow],
    room: &Room,
    limit: usize,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let ids: Vec<Uuid> = due.iter().map(|row| row.id).collect();
    let accounts: Vec<Uuid> = due.iter().map(|row| row.account_id).collect();
    let wants: Vec<bool> = due.iter().map(|row| row.wants_turn).collect();
    let spacings: Vec<f64> = due
        .iter()
        .map(|row| platform::find(&row.platform).map_or(0.0, |worker| seconds(worker.pace().spacing)))
        .collect();
    let platforms: Vec<String> = due.iter().map(|row| row.platform.clone()).collect();
    let rooms: Vec<i64> =
        due.iter().map(|row| i64::try_from(room.of(&row.platform)).unwrap_or(i64::MAX)).collect();
    sqlx::query_scalar!(
        r#"
        with clock as materialized (
            select social_now() as now
        ),
        due as materialized (
            select * from unnest($1::uuid[], $2::uuid[], $3::bool[], $4::float8[], $6::text[], $7::bigint[])
                with ordinality as due (id, account_id, wants_turn, spacing, platform, room, place)
        ),
        turns as materialized (
            select a.id, greatest(a.next_start_at, (select now from clock)) as first
            from social_accounts a
            where a.id in (select account_id from due where wants_turn)
            for no key update skip locked
        ),
        ranked as materialized (
            select due.*, turns.first,
                turns.first + make_interval(secs => due.spacing * (
                    row_number() over (partition by due.account_id, due.wants_turn order by due.place) - 1
                )) as turn_at
            from due
            left join turns on due.wants_turn and turns.id = due.account_id
        ),
        ready as materialized (
            select id, place, room, row_number() over (partition by platform order by place) as nth
            from ranked
            where not wants_turn or turn_at <= (select now from clock)
        ),
        picked as materialized (
            select id, place from ready
            where nth <= room
            order by place
            limit $5
        ),
        postponed as materialized (
            select id, turn_at from ranked
            where wants_turn and turn_at > (select now from clock)
                -- An account whose first row found no room is left as it is, or that row would go last.
                and (first > (select now from clock) or account_id in (
                    select account_id from ranked where id in (select id from picked)
                ))
        ),
        taken as (
            update social_accounts a
            set next_start_at = used.next
            from (
                select account_id, max(turn_at + make_interval(secs => spacing)) as next
                from ranked
                where wants_turn and (id in (select id from picked) or id in (select id from postponed))
                group by account_id
            ) used
            where a.id = used.account_id
        ),
        moved as (
            update post_results r
            set due_at = least(postponed.turn_at, r.expires_at), slot_at = postponed.turn_at
            from postponed
            where r.id = postponed.id
        )
        select id as "id!" from picked order by place
        "#,
        &ids,
        &accounts,
        &wants,
        &spacings,
        i64::try_from(limit).unwrap_or(i64::MAX),
        &platforms,
        &rooms,
    )
    .fetch_all(tx)
    .await
}
