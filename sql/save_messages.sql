-- Saves what came of messages, while their lease holds. Without `retry_seconds` a message that was not delivered is
-- given up. One that was `sent` in vain counts as a failure.
--
-- An endpoint that answers that it is gone, or that has taken nothing for `patience_seconds`, is disabled: its messages
-- wait for a redelivery, and the other endpoints are told. Returns the hosts of those.
create or replace function save_messages(messages json, token uuid, patience_seconds float8)
returns setof text
language plpgsql
as $$
declare
    is_worker text := set_config('social.worker', 'on', true);
    clock timestamptz := social_now();
    -- Makes Postgres look up each row: see `save_steps`.
    ids uuid[] := array(select id from json_to_recordset(messages) as s (id uuid));
    ended record;
begin
    for ended in
        with saved as (
            update webhook_messages m
            set lease_token = null, last_status = s.status, last_problem = s.problem,
                delivered_at = case when s.is_delivered then clock end,
                due_at = case
                    when not s.is_delivered then clock + make_interval(secs => s.retry_seconds)
                end,
                failures = m.failures + case when s.sent and not s.is_delivered then 1 else 0 end
            from json_to_recordset(messages) as s (
                id uuid, sent boolean, is_delivered boolean, is_gone boolean, retry_seconds float8, status integer,
                problem text
            )
            where m.id = any (ids) and m.id = s.id and m.lease_token = token
            returning m.endpoint, s.sent, s.is_delivered, s.is_gone
        ),
        counted as (
            select endpoint, bool_or(is_delivered) as takes, bool_or(is_gone) as is_gone
            from saved where sent group by endpoint
        )
        update webhook_endpoints e
        set failing_since = case when not c.takes or c.is_gone then coalesce(e.failing_since, clock) end,
            disabled_at = case
                when c.is_gone
                    or (not c.takes and e.failing_since < clock - make_interval(secs => patience_seconds))
                then clock
            end
        from counted c
        where e.url_hash = c.endpoint and e.disabled_at is null
            -- One that works is not written at each delivery.
            and (e.failing_since is not null or not c.takes or c.is_gone)
        returning e.url_hash, e.host, e.disabled_at, e.failing_since
    loop
        if ended.disabled_at is not null then
            update webhook_messages m set due_at = null where m.endpoint = ended.url_hash and m.due_at is not null;
            insert into webhook_messages (id, endpoint, type, data, created_at, due_at)
            select gen_random_uuid(), e.url_hash, 'endpoint.disabled',
                jsonb_build_object(
                    'host', ended.host,
                    'failingSince', to_char(ended.failing_since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                ),
                clock, clock
            from webhook_endpoints e
            where e.disabled_at is null;
            return next ended.host;
        end if;
    end loop;
end $$;
