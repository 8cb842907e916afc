-- What a worker says to the queue, as functions: claim, mark, save. Postgres keeps the plan of a function's statements
-- for as long as the connection lives, behind any pooler, where a statement of ours would be planned anew each time; and
-- planning was more than half of what a step cost. A function is also its own transaction, and says by itself that it
-- is the worker's, so that a call needs neither `begin` nor `commit` where statements may be kept.
--
-- `social.worker` is set inside, for the transaction: as a clause of the function only a superuser could.
-- `force_generic_plan`: the plan is made once, or `limit` would have it made anew each time. `enable_seqscan = off`: such
-- a plan may be made while the tables are empty, and must still be the right one when they are not. `jit = off`: a
-- general plan takes the queue for long, and compiling it would cost a hundred times what it does.
--
-- To change one of them, replace it in a new migration: functions of the old version may run beside the new, so what
-- they are called with must keep its meaning.

-- Which bytes of the video a call carried: beside how many, from which one on, and their checksum, as
-- `algorithm:hexadecimal`.
alter table publish_attempts add column first_byte bigint, add column checksum text;

-- The head of the queue, claimed. `rooms` and `spacings` go with `platforms`: how many results of each may be taken, and
-- how many seconds apart an account may begin them. An account may have `per_account` in hand, of which each of `accounts`
-- has `in_hand` already. Of `handed` alone, if any are.
--
-- Results under way come as they are due. Those that are to begin take turns within their account: those that are due
-- together are given the following turns as their due times, and make no work now. So the look goes deeper, up to a
-- thousand rows of a platform at a time and five thousand in all, until it finds some.
--
-- Every row says whether the head may hold more that is due. Where that is all there is to say, `id` is the nil UUID.
create function claim_due(
    most integer, platforms text[], rooms integer[], spacings float8[], per_account integer, accounts uuid[],
    in_hand integer[], handed uuid[], token uuid, lease_seconds float8
)
returns table (
    has_more boolean, id uuid, post_id uuid, owner_id text, account_id uuid, platform text, state text, step text,
    checkpoint text, publish_id text, in_flight boolean, failures integer, rejected_version bigint, caption text,
    options jsonb, video_url text, title text, video jsonb, remote_id text, username text, account_metadata jsonb,
    token_version bigint, access_token text, dies_soon boolean, recall_requested boolean, is_too_late boolean
)
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
#variable_conflict use_column
declare
    clock timestamptz := social_now();
    width integer := greatest(least(most, (select max(room) from unnest(rooms) room)), 1);
    busy uuid[] := array(select account from unnest(accounts, in_hand) as a (account, count) where count >= per_account);
    looked_at integer := 0;
    ids uuid[];
    owners uuid[];
    queues text[];
    wants boolean[];
    fitting uuid[];
    picked uuid[];
    is_full boolean;
begin
    perform set_config('social.worker', 'on', true);
    loop
        -- Rows that somebody else is looking at are left to them.
        if handed is null then
            select array_agg(due.id order by due.due_at, due.id), array_agg(due.account_id order by due.due_at, due.id),
                array_agg(due.platform order by due.due_at, due.id), array_agg(due.wants_turn order by due.due_at, due.id),
                array_agg(due.id order by due.due_at, due.id) filter (where due.nth <= due.room and due.of_account <= due.share), max(due.nth) >= width
            into ids, owners, queues, wants, fitting, is_full
            from (
                select head.*, queue.room, per_account - coalesce(a.count, 0) as share,
                    row_number() over (partition by queue.platform order by head.due_at, head.id) as nth,
                    row_number() over (partition by head.account_id order by head.due_at, head.id) as of_account
                from unnest(platforms, rooms) as queue (platform, room)
                cross join lateral (
                    select r.id, r.account_id, r.platform, r.due_at,
                        r.step is null and r.slot_at is null as wants_turn
                    from post_results r
                    where r.platform = queue.platform and r.due_at <= clock and r.account_id <> all (busy)
                    order by r.due_at, r.id
                    limit width
                    for no key update skip locked
                ) head
                left join unnest(accounts, in_hand) as a (account_id, count) on a.account_id = head.account_id
            ) due;
        else
            select array_agg(due.id order by due.due_at, due.id), array_agg(due.account_id order by due.due_at, due.id),
                array_agg(due.platform order by due.due_at, due.id), array_agg(due.wants_turn order by due.due_at, due.id),
                array_agg(due.id order by due.due_at, due.id) filter (where due.nth <= due.room and due.of_account <= due.share), count(*) >= width
            into ids, owners, queues, wants, fitting, is_full
            from (
                select head.*, queue.room, per_account - coalesce(a.count, 0) as share,
                    row_number() over (partition by queue.platform order by head.due_at, head.id) as nth,
                    row_number() over (partition by head.account_id order by head.due_at, head.id) as of_account
                from (
                    select r.id, r.account_id, r.platform, r.due_at,
                        r.step is null and r.slot_at is null as wants_turn
                    from post_results r
                    where r.id = any (handed) and r.platform = any (platforms) and r.due_at <= clock
                        and r.account_id <> all (busy)
                    order by r.due_at, r.id
                    limit width
                    for no key update skip locked
                ) head
                join unnest(platforms, rooms) as queue (platform, room) using (platform)
                left join unnest(accounts, in_hand) as a (account_id, count) on a.account_id = head.account_id
            ) due;
        end if;
        exit when ids is null;
        looked_at := looked_at + cardinality(ids);
        if true = any (wants) then
            picked := take_turns(
                ids, owners, queues, wants, most, platforms, rooms, spacings, per_account, accounts, in_hand, clock
            );
        else
            picked := fitting[1:most];
        end if;
        exit when cardinality(picked) > 0 or not is_full or looked_at >= 5000;
        width := least(width * 8, 1000);
    end loop;
    is_full := coalesce(is_full, false);
    if coalesce(cardinality(picked), 0) = 0 then
        if is_full then
            return query select true, '00000000-0000-0000-0000-000000000000'::uuid,
                '00000000-0000-0000-0000-000000000000'::uuid, '', '00000000-0000-0000-0000-000000000000'::uuid, '', '',
                null, null, null, false, 0, null::bigint, '', '{}'::jsonb, '', null, null::jsonb, '', null, '{}'::jsonb,
                0::bigint, null, false, false, false;
        end if;
        return;
    end if;
    return query
        with r as (
            update post_results
            set failures = post_results.failures + case when lease_token is null then 0 else 1 end,
                lease_token = token, due_at = clock + make_interval(secs => lease_seconds),
                slot_at = coalesce(slot_at, clock), updated_at = clock
            where post_results.id = any (picked)
            returning post_results.*
        )
        select is_full, r.id, r.post_id, r.owner_id, r.account_id, r.platform, r.state, r.step, r.checkpoint,
            r.publish_id, r.in_flight, r.failures, r.rejected_version, coalesce(r.caption, p.caption), r.options,
            p.video_url, p.title, p.video, a.account_id, a.username, a.account_metadata, a.token_version,
            case when a.status = 'active' then a.access_token end,
            coalesce(a.token_expires_at <= clock + interval '5 minutes', false), r.recall_requested,
            r.state in ('queued', 'held', 'publishing') and not r.committed and not r.in_flight
                and coalesce(r.expires_at <= clock, false)
        from r
        join social_posts p on p.id = r.post_id
        join social_accounts a on a.id = r.account_id;
end $$;

-- Decides which of some locked due rows may be taken now, as far as there is room and at most `most`, in the order
-- given. Rows that want a turn and cannot have it yet are moved to when they can; a row whose account another claim is
-- just looking at is left for the next.
create function take_turns(
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
        select id, turn_at from ranked
        where wants_turn and turn_at > clock
            -- An account whose first row found no room is left as it is, or that row would go last.
            and (first > clock or account_id in (
                select account_id from ranked where id in (select id from picked)
            ))
    ),
    used as (
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
    select coalesce(array_agg(id order by place), '{}') into taken from picked;
    return taken;
end $$;

-- Marks results as in flight, each for a step, while their leases hold. Returns those that are marked.
create function mark_in_flight(ids uuid[], leases uuid[], steps text[], checkpoints text[])
returns setof uuid
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
begin
    perform set_config('social.worker', 'on', true);
    return query
        update post_results r
        set in_flight = true, step = m.step, checkpoint = m.checkpoint,
            state = case when r.state in ('queued', 'held') then 'publishing' else r.state end, held_reason = null,
            updated_at = social_now()
        from unnest(ids, leases, steps, checkpoints) as m (id, lease, step, checkpoint)
        where r.id = m.id and r.lease_token = m.lease and not r.in_flight and r.due_at > social_now()
        returning r.id;
end $$;

-- Saves results as their turns leave them, while their leases hold, and their calls in the ledger. The arrays up to
-- `midnights` have an element for each result, the others one for each call. Returns those that are saved.
create function save_turns(
    ids uuid[], leases uuid[], states text[], dues float8[], midnights text[], keep_leases boolean[], steps text[],
    checkpoints text[], commitments boolean[], recallables boolean[], recalls boolean[], failure_counts integer[],
    rejected_versions bigint[], publish_ids text[], platform_post_ids text[], platform_urls text[],
    sent_bytes bigint[], total_bytes bigint[], held_reasons text[], error_codes text[], error_messages text[],
    call_results uuid[], call_steps text[], call_effects text[], call_outcomes text[], call_statuses integer[],
    call_codes text[], call_log_ids text[], call_first_bytes bigint[], call_bytes bigint[], call_checksums text[], call_durations bigint[]
)
returns setof uuid
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
begin
    perform set_config('social.worker', 'on', true);
    return query
        with saved as (
            update post_results r
            set state = s.state,
                due_at = case
                    when s.state = 'held' and not s.committed
                        then least(social_after(s.due, s.midnight_in), r.expires_at)
                    else social_after(s.due, s.midnight_in)
                end,
                lease_token = case when s.keeps_lease then r.lease_token end,
                step = s.step, checkpoint = s.checkpoint, in_flight = false, committed = s.committed,
                recallable = s.recallable, recall_requested = r.recall_requested and not s.was_recalled,
                failures = s.failures, rejected_version = s.rejected_version,
                slot_at = case when s.state = 'held' and s.step is null then null else r.slot_at end,
                publish_id = coalesce(s.publish_id, r.publish_id),
                platform_post_id = coalesce(s.platform_post_id, r.platform_post_id),
                platform_url = coalesce(s.platform_url, r.platform_url),
                bytes_sent = coalesce(s.bytes_sent, r.bytes_sent),
                bytes_total = coalesce(s.bytes_total, r.bytes_total),
                held_reason = s.held_reason, error_code = s.error_code, error_message = s.error_message,
                published_at = case when s.state = 'published' then coalesce(r.published_at, social_now()) end,
                updated_at = social_now()
            from unnest(
                ids, leases, states, dues, midnights, keep_leases, steps, checkpoints, commitments, recallables,
                recalls, failure_counts, rejected_versions, publish_ids, platform_post_ids, platform_urls, sent_bytes,
                total_bytes, held_reasons, error_codes, error_messages
            ) as s (
                id, lease, state, due, midnight_in, keeps_lease, step, checkpoint, committed, recallable,
                was_recalled, failures, rejected_version, publish_id, platform_post_id, platform_url, bytes_sent,
                bytes_total, held_reason, error_code, error_message
            )
            where r.id = s.id and r.lease_token = s.lease
            returning r.id, r.post_id, r.owner_id
        ),
        noted as (
            insert into publish_attempts (
                result_id, post_id, owner_id, at, step, effect, outcome, http_status, platform_code, log_id, first_byte,
                bytes, checksum, duration_ms
            )
            select saved.id, saved.post_id, saved.owner_id, social_now(), a.step, a.effect, a.outcome, a.http_status,
                a.platform_code, a.log_id, a.first_byte, a.bytes, a.checksum, a.duration_ms
            from unnest(
                call_results, call_steps, call_effects, call_outcomes, call_statuses, call_codes, call_log_ids,
                call_first_bytes, call_bytes, call_checksums, call_durations
            ) with ordinality as a (
                result_id, step, effect, outcome, http_status, platform_code, log_id, first_byte, bytes, checksum,
                duration_ms, place
            )
            join saved on saved.id = a.result_id
            order by a.place
        )
        select id from saved;
end $$;

-- They see every owner's rows: nobody calls them but whoever may have the tables.
revoke execute on function claim_due, take_turns, mark_in_flight, save_turns from public;
