-- Decides which of some locked due rows may be taken now, as far as there is room and at most `most`, in the order
-- given. Rows that want a turn and cannot have it yet are moved to when they can; a row whose account another claim is
-- just looking at is left for the next.
create or replace function take_turns(
    ids uuid[], owners uuid[], queues text[], wants boolean[], most integer, platforms text[], rooms integer[],
    spacings float8[], per_account integer, accounts uuid[], in_hand integer[], clock timestamptz
)
returns uuid[]
language plpgsql
set plan_cache_mode = force_generic_plan set jit = off
as $$
#variable_conflict use_column
declare
    taken uuid[];
begin
    with due as materialized (
        select due.*, queue.room, queue.spacing
        from unnest(ids, owners, queues, wants)
            with ordinality as due (id, account_id, platform, wants_turn, place)
        join unnest(platforms, rooms, spacings) as queue (platform, room, spacing) using (platform)
    ),
    turns as materialized (
        select a.id, greatest(a.next_start_at, clock) as first
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
        from (
            select ranked.*, row_number() over (partition by account_id order by place) as of_account
            from ranked
            where not wants_turn or turn_at <= clock
        ) turned
        left join unnest(accounts, in_hand) as a (account_id, count) using (account_id)
        where of_account <= per_account - coalesce(a.count, 0)
    ),
    picked as materialized (
        select id, place from ready
        where nth <= room
        order by place
        limit most
    ),
    postponed as materialized (
        select ranked.id, ranked.turn_at, r.expires_at <= ranked.turn_at as is_never
        from ranked
        join post_results r on r.id = ranked.id
        where ranked.wants_turn and ranked.turn_at > clock
            -- An account whose first row found no room is left as it is, or that row would go last.
            and (ranked.first > clock or ranked.account_id in (
                select account_id from ranked where wants_turn and id in (select id from picked)
            ))
    ),
    used as (
        update social_accounts a
        set next_start_at = used.next
        from (
            select account_id, max(turn_at + make_interval(secs => spacing)) as next
            from ranked
            -- A turn that comes after its row's end is given to nobody.
            where wants_turn and (
                id in (select id from picked) or id in (select id from postponed where is_never is not true)
            )
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
    select coalesce(array_agg(id order by place), '{}') into taken from picked;
    return taken;
end $$;
