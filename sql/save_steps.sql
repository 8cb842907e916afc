-- Saves results as their step runs leave them, while their leases hold, with their calls in the ledger and what follows
-- for others. Returns those that are saved, by this call or by an earlier one with the same `save`.
--
-- `saves` and `calls` are JSON arrays of objects; what an object leaves out is null. Arrays of each column would cost
-- more: a lone save paid for 37 arguments, and for unnesting each of them. `ids` are the results of `saves`, and make Postgres
-- look up each row. It takes a JSON array for a hundred rows, and would rather read a table of some thousands whole. An older
-- program leaves `ids` out.
--
-- A result is held by a window with a hold scope, `account` or `platform`, and what else waits for the window is held
-- too. One that is held without a scope waits for its account, and the account's other results are parked or released.
-- `is_new_publish`: the publish id is new, and a webhook may have named it before. `spacings` go with `platforms`: how many
-- seconds apart an account may begin its results.
drop function if exists save_steps(json, json, text[], float8[]);
create or replace function save_steps(
    saves json, calls json, platforms text[], spacings float8[], ids uuid[] default null
)
returns setof uuid
language plpgsql
as $$
declare
    -- Assigned: to perform them would run queries. A `set` of the function would make Postgres look through all its settings
    -- once more.
    is_worker text := set_config('social.worker', 'on', true);
    plans text := set_config('plan_cache_mode', 'force_generic_plan', true);
    scans text := set_config('enable_seqscan', 'off', true);
    compiles text := set_config('jit', 'off', true);
    written uuid[];
    follows boolean;
    one record;
    held uuid[] := '{}';
    saved_id uuid;
begin
    if ids is null then
        ids := array(select s.id from json_to_recordset(saves) as s (id uuid));
    end if;
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
            updated_at = social_now(), saved_as = s.save
        from json_to_recordset(saves) as s (
            save uuid, id uuid, lease uuid, state text, due float8, midnight_in text, keeps_lease boolean, step text,
            checkpoint text, committed boolean, recallable boolean, was_recalled boolean, failures integer,
            rejected_version bigint, publish_id text, is_new_publish boolean, platform_post_id text, platform_url text,
            bytes_sent bigint, bytes_total bigint, held_reason text, error_code text, error_message text
        )
        where r.id = any (ids) and r.id = s.id and r.lease_token = s.lease and r.saved_as is distinct from s.save
        returning r.id, s.is_new_publish or s.held_reason is not null as follows
    )
    select coalesce(array_agg(saved.id), '{}'), coalesce(bool_or(saved.follows), false) into written, follows
    from saved;
    if calls::text <> '[]' then
        insert into publish_attempts (
            result_id, post_id, owner_id, at, step, effect, outcome, http_status, platform_code, log_id, first_byte,
            bytes, checksum, duration_ms, request_id
        )
        select r.id, r.post_id, r.owner_id, social_now(), a.step, a.effect, a.outcome, a.http_status,
            a.platform_code, a.log_id, a.first_byte, a.bytes, a.checksum, a.duration_ms, a.request_id
        from rows from (json_to_recordset(calls) as (
            result uuid, step text, effect text, outcome text, http_status integer, platform_code text, log_id text,
            first_byte bigint, bytes bigint, checksum text, duration_ms bigint, request_id text
        )) with ordinality as a (
            result, step, effect, outcome, http_status, platform_code, log_id, first_byte, bytes, checksum, duration_ms,
            request_id, place
        )
        join post_results r on r.id = a.result
        where r.id = any (written)
        order by a.place;
    end if;
    if follows then
        for one in
            select s.*, r.account_id, r.platform
            from rows from (json_to_recordset(saves) as (
                id uuid, due float8, midnight_in text, is_new_publish boolean, publish_id text, held_reason text,
                hold_scope text, error_code text, error_message text
            )) with ordinality as s (
                id, due, midnight_in, is_new_publish, publish_id, held_reason, hold_scope, code, message, place
            )
            join post_results r on r.id = s.id
            where r.id = any (written)
            order by s.place
        loop
            if one.held_reason is not null then
                held := held || one.account_id;
                if one.hold_scope is null then
                    perform park_unless_connected(one.account_id, one.code, one.message);
                else
                    perform hold_results(
                        one.account_id, case when one.hold_scope = 'platform' then one.platform end, one.held_reason,
                        one.due, one.midnight_in, one.code, one.message
                    );
                end if;
            end if;
            if one.is_new_publish then
                perform nudge_if_announced(one.id, one.platform, one.publish_id);
            end if;
        end loop;
        if cardinality(held) > 0 then
            perform give_turns_back(held, platforms, spacings);
        end if;
    end if;
    if cardinality(written) < cardinality(ids) then
        written := written || array(
            select r.id
            from json_to_recordset(saves) as s (save uuid, id uuid)
            join post_results r on r.id = s.id
            where r.id = any (ids) and r.saved_as = s.save and r.id <> all (written)
        );
    end if;
    foreach saved_id in array written loop
        return next saved_id;
    end loop;
end $$;
