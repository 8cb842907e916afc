-- The due messages of these endpoints, claimed under a lease: up to `most` of each, and up to `few` of one that fails.
-- `hosts` go with `endpoints`, which are written down where they are new.
--
-- `body` is what is sent and signed: the same bytes each time.
create or replace function claim_messages(
    endpoints bytea[], hosts text[], most integer, few integer, token uuid, lease_seconds float8
)
returns table (id uuid, endpoint bytea, subject uuid, sequence bigint, failures integer, body text)
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
#variable_conflict use_column
declare
    is_worker text := set_config('social.worker', 'on', true);
    clock timestamptz := social_now();
begin
    update webhook_endpoints e set seen_at = clock
    where e.url_hash = any (endpoints) and e.seen_at < clock - interval '1 hour';
    if (select count(*) from webhook_endpoints e where e.url_hash = any (endpoints)) < cardinality(endpoints) then
        insert into webhook_endpoints (url_hash, host, seen_at)
        select given.url_hash, given.host, clock from unnest(endpoints, hosts) as given (url_hash, host)
        on conflict do nothing;
    end if;
    return query
        with due as (
            select head.id
            from webhook_endpoints e
            cross join lateral (
                select m.id
                from webhook_messages m
                where m.endpoint = e.url_hash and m.due_at <= clock
                order by m.due_at, m.sequence
                limit case when e.failing_since is null then most else few end
                for no key update skip locked
            ) head
            where e.url_hash = any (endpoints) and e.disabled_at is null
        )
        update webhook_messages m
        set lease_token = token, due_at = clock + make_interval(secs => lease_seconds)
        where m.id in (select due.id from due)
        returning m.id, m.endpoint, m.subject, m.sequence, m.failures,
            json_build_object(
                'type', m.type,
                'timestamp', to_char(m.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                'data', m.data || jsonb_build_object('sequence', m.sequence)
            )::text;
end $$;
