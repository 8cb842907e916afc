-- The head of the queue, claimed under a lease. `rooms` and `spacings` go with `platforms`: how many results of each may be taken, and
-- how many seconds apart an account may begin them. An account may have `per_account` in hand, of which each of `accounts`
-- has `in_hand` already. Of `handed` alone, if any are.
--
-- Results under way come as they are due. Those that are to begin take turns within their account: those that are due
-- together are given the following turns as their due times, and make no work now. So the look goes deeper, up to a
-- thousand rows of a platform at a time and five thousand in all, until it finds some.
--
-- With a `pause`, the claim is an invocation's first: the worker's pulse beats (`beat`), and every row says how it stood
-- before, over all of `queues`. A claim that takes fewer than it may also says how long the oldest result has been waiting
-- that it leaves.
--
-- Every row says whether the head may hold more that is due. Where there is nothing else to say, `id` is the nil UUID.
--
-- `again`: the answer to a claim with this token was lost. If that claim took something, it is returned; if not, the claim
-- is made now.
--
-- With `saves`, results whose step runs have just ended are saved first, in the same transaction (`save_steps`; `paces` go
-- with `queues`). Every row says which of them are not, because their leases were lost before.
--
-- Without `saves`, the commit waits for no disk. If Postgres crashes at that moment, it has forgotten the claim, as if the
-- lease had ended: no mark and no save goes through under it, and a mark or save that went through has taken the claim to the
-- disk.
drop function if exists claim_results(
    text[], float8, boolean, integer, text[], integer[], float8[], integer, uuid[], integer[], uuid[], uuid, float8
);
create or replace function claim_results(
    queues text[], pause float8, again boolean, most integer, platforms text[], rooms integer[], spacings float8[], per_account integer, accounts uuid[],
    in_hand integer[], handed uuid[], token uuid, lease_seconds float8, saves json default null, calls json default null,
    ids uuid[] default null, paces float8[] default null
)
returns table (
    lost uuid[], since_last_call bigint, oldest_before bigint, oldest_due bigint, has_more boolean, id uuid, post_id uuid,
    owner_id text, account_id uuid, platform text, state text, step text, checkpoint text, publish_id text,
    in_flight boolean, failures integer, rejected_version bigint, caption text,
    options jsonb, video_url text, title text, video jsonb, remote_id text, username text, account_metadata jsonb,
    token_version bigint, access_token text, dies_soon boolean, recall_requested boolean, is_too_late boolean
)
language plpgsql
as $$
#variable_conflict use_column
declare
    -- Assigned: to perform them would run queries. A `set` of the function would make Postgres look through all its settings
    -- once more.
    is_worker text := set_config('social.worker', 'on', true);
    plans text := set_config('plan_cache_mode', 'force_generic_plan', true);
    scans text := set_config('enable_seqscan', 'off', true);
    compiles text := set_config('jit', 'off', true);
    commits text := case when saves is null then set_config('synchronous_commit', 'off', true) end;
    clock timestamptz := social_now();
    width integer := 1;
    one_room integer;
    one_queue text;
    busy uuid[] := '{}';
    looked_at integer := 0;
    written uuid[];
    unsaved uuid[];
    heads uuid[];
    owners uuid[];
    queued text[];
    wants boolean[];
    picked uuid[];
    is_full boolean;
    since bigint;
    stood bigint;
    oldest bigint;
begin
    if saves is not null then
        written := array(select save_steps(saves, calls, queues, paces, ids));
        if cardinality(written) < cardinality(ids) then
            unsaved := array(select saved from unnest(ids) as saved where saved <> all (written));
        end if;
        clock := social_now();
    end if;
    foreach one_room in array rooms loop
        width := greatest(width, least(one_room, most));
    end loop;
    if cardinality(accounts) > 0 then
        busy := array(
            select account from unnest(accounts, in_hand) as a (account, count) where count >= per_account
        );
    end if;
    if pause is not null then
        select b.since_last_call, b.oldest_due into since, stood from beat(queues, pause) b;
    end if;
    if again then
        -- The lease's end is the rows' due time.
        select array_agg(r.id) into picked
        from post_results r
        where r.platform = any (platforms) and r.due_at > clock
            and r.due_at <= clock + make_interval(secs => lease_seconds) and r.lease_token = token;
        is_full := picked is not null;
    end if;
    while picked is null or cardinality(picked) = 0 loop
        -- Rows that somebody else is looking at are left to them.
        if handed is null then
            select array_agg(due.id), array_agg(due.account_id), array_agg(due.platform), array_agg(due.wants_turn)
            into heads, owners, queued, wants
            from (
                select head.*
                from unnest(platforms) as queue (platform)
                cross join lateral (
                    select r.id, r.account_id, r.platform, r.due_at,
                        r.step is null and r.slot_at is null as wants_turn
                    from post_results r
                    where r.platform = queue.platform and r.due_at <= clock and r.account_id <> all (busy)
                    order by r.due_at, r.id
                    limit width
                    for no key update skip locked
                ) head
                order by head.due_at, head.id
            ) due;
            is_full := false;
            foreach one_queue in array platforms loop
                is_full := is_full or cardinality(array_positions(queued, one_queue)) >= width;
            end loop;
        else
            select array_agg(due.id), array_agg(due.account_id), array_agg(due.platform), array_agg(due.wants_turn)
            into heads, owners, queued, wants
            from (
                select r.id, r.account_id, r.platform, r.step is null and r.slot_at is null as wants_turn
                from post_results r
                where r.id = any (handed) and r.platform = any (platforms) and r.due_at <= clock
                    and r.account_id <> all (busy)
                order by r.due_at, r.id
                limit width
                for no key update skip locked
            ) due;
            is_full := cardinality(heads) >= width;
        end if;
        exit when heads is null;
        looked_at := looked_at + cardinality(heads);
        if true = any (wants) then
            picked := take_turns(
                heads, owners, queued, wants, most, platforms, rooms, spacings, per_account, accounts, in_hand, clock
            );
        elsif cardinality(accounts) = 0 and cardinality(heads) <= per_account and cardinality(heads) <= all (rooms) then
            -- There is room for all, so nobody counts.
            picked := heads[1:most];
        else
            picked := array(
                select fitting.id
                from (
                    select due.id, due.place, queue.room, per_account - coalesce(a.count, 0) as share,
                        row_number() over (partition by due.platform order by due.place) as nth,
                        row_number() over (partition by due.account_id order by due.place) as of_account
                    from unnest(heads, owners, queued) with ordinality as due (id, account_id, platform, place)
                    join unnest(platforms, rooms) as queue (platform, room) on queue.platform = due.platform
                    left join unnest(accounts, in_hand) as a (account_id, count) on a.account_id = due.account_id
                ) fitting
                where fitting.nth <= fitting.room and fitting.of_account <= fitting.share
                order by fitting.place
                limit most
            );
        end if;
        exit when cardinality(picked) > 0 or not is_full or looked_at >= 5000;
        width := least(width * 8, 1000);
    end loop;
    is_full := coalesce(is_full, false);
    picked := coalesce(picked, '{}');
    if cardinality(picked) < most then
        select coalesce(max(extract(epoch from clock - left_over.due_at))::bigint, 0) into oldest
        from unnest(queues) as queue (platform)
        cross join lateral (
            select r.due_at from post_results r
            where r.platform = queue.platform and r.due_at is not null and r.id <> all (picked)
            order by r.due_at limit 1
        ) left_over;
    end if;
    if cardinality(picked) = 0 then
        return query select unsaved, since, stood, oldest, is_full, '00000000-0000-0000-0000-000000000000'::uuid,
            '00000000-0000-0000-0000-000000000000'::uuid, '', '00000000-0000-0000-0000-000000000000'::uuid, '', '',
            null, null, null, false, 0, null::bigint, '', '{}'::jsonb, '', null, null::jsonb, '', null, '{}'::jsonb,
            0::bigint, null, false, false, false;
        return;
    end if;
    return query
        update post_results r
        set failures = r.failures + case when r.lease_token is null or r.lease_token = token then 0 else 1 end,
            lease_token = token, due_at = clock + make_interval(secs => lease_seconds),
            slot_at = coalesce(r.slot_at, clock), updated_at = clock
        from social_posts p, social_accounts a
        where r.id = any (picked) and p.id = r.post_id and a.id = r.account_id
        returning unsaved, since, stood, oldest, is_full, r.id, r.post_id, r.owner_id, r.account_id, r.platform, r.state,
            r.step, r.checkpoint, r.publish_id, r.in_flight, r.failures, r.rejected_version, coalesce(r.caption, p.caption), r.options,
            p.video_url, p.title, p.video, a.account_id, a.username, a.account_metadata, a.token_version,
            case when a.status = 'active' then a.access_token end,
            coalesce(a.token_expires_at <= clock + interval '5 minutes', false), r.recall_requested,
            r.state in ('queued', 'held', 'publishing') and not r.committed and not r.in_flight
                and coalesce(r.expires_at <= clock, false);
end $$;
