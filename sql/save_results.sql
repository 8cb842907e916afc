-- Saves results as their turns leave them, while their leases hold, with their calls in the ledger and what follows for
-- others. Returns those that are saved, by this call or by an earlier one with the same `saves`.
--
-- The arrays up to `error_messages` have an element for each result, those from `call_results` on one for each call.
-- A result is held by a window with a hold scope, `account` or `platform`, and what else waits for the window is held
-- too. One that is held without a scope waits for its account, and the account's other results are parked or released.
-- `new_publishes`: the publish id is new, and a webhook may have named it before. `spacings` go with `platforms`: how many
-- seconds apart an account may begin its results.
create or replace function save_results(
    saves uuid[], ids uuid[], leases uuid[], states text[], dues float8[], midnights text[], keep_leases boolean[], steps text[],
    checkpoints text[], commitments boolean[], recallables boolean[], recalls boolean[], failure_counts integer[],
    rejected_versions bigint[], publish_ids text[], new_publishes boolean[],
    platform_post_ids text[], platform_urls text[], sent_bytes bigint[], total_bytes bigint[], held_reasons text[],
    hold_scopes text[], error_codes text[], error_messages text[],
    call_results uuid[], call_steps text[], call_effects text[], call_outcomes text[], call_statuses integer[],
    call_codes text[], call_log_ids text[], call_first_bytes bigint[], call_bytes bigint[], call_checksums text[],
    call_durations bigint[], platforms text[], spacings float8[]
)
returns setof uuid
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
declare
    written uuid[];
    one record;
    held uuid[] := '{}';
begin
    perform set_config('social.worker', 'on', true);
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
        from unnest(
            saves, ids, leases, states, dues, midnights, keep_leases, steps, checkpoints, commitments, recallables,
            recalls, failure_counts, rejected_versions, publish_ids, platform_post_ids, platform_urls, sent_bytes,
            total_bytes, held_reasons, error_codes, error_messages
        ) as s (
            save, id, lease, state, due, midnight_in, keeps_lease, step, checkpoint, committed, recallable,
            was_recalled, failures, rejected_version, publish_id, platform_post_id, platform_url, bytes_sent,
            bytes_total, held_reason, error_code, error_message
        )
        where r.id = s.id and r.lease_token = s.lease and r.saved_as is distinct from s.save
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
    select coalesce(array_agg(saved.id), '{}') into written from saved;
    if true = any (new_publishes) or exists (select from unnest(held_reasons) reason where reason is not null) then
        for one in
            select s.*, r.account_id, r.platform
            from unnest(
                ids, dues, midnights, new_publishes, publish_ids, held_reasons, hold_scopes, error_codes, error_messages
            ) with ordinality as s (
                id, due, midnight_in, is_new_publish, publish_id, held_reason, hold_scope, code, message, place
            )
            join post_results r on r.id = s.id
            where s.id = any (written)
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
            from unnest(saves, ids) as s (save, id)
            join post_results r on r.id = s.id
            where r.saved_as = s.save and r.id <> all (written)
        );
    end if;
    return query select unnest(written);
end $$;
