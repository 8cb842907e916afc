-- Deletes what is no longer needed, at most `most` rows of each kind: states a day old, webhooks and idempotency keys a
-- week old, and counts of calls an hour old. With `retention`, also posts that have been over for so many seconds, with
-- their results and attempts, and entries of the audit trail that are as old. Returns whether there may be more.
drop function if exists sweep();
create or replace function sweep(most integer default 1000, retention float8 default null)
returns boolean
language plpgsql
as $$
declare
    clock timestamptz := social_now();
    past timestamptz := clock - make_interval(secs => retention);
    -- Posts bring their results and attempts, so a batch has fewer.
    most_posts integer := greatest(most / 10, 1);
    deleted bigint;
    is_full boolean := false;
begin
    perform set_config('social.worker', 'on', true);
    delete from oauth_states s where s.id in (
        select old.id from oauth_states old
        where old.expires_at < clock - interval '1 day'
        order by old.expires_at
        limit most
    );
    get diagnostics deleted = row_count;
    is_full := is_full or deleted >= most;
    delete from idempotency_keys k where (k.owner_id, k.key) in (
        select old.owner_id, old.key from idempotency_keys old
        where old.created_at < clock - interval '7 days'
        order by old.created_at
        limit most
    );
    get diagnostics deleted = row_count;
    is_full := is_full or deleted >= most;
    delete from received_webhooks w where w.body_hash in (
        select old.body_hash from received_webhooks old
        where old.received_at < clock - interval '7 days'
        order by old.received_at
        limit most
    );
    get diagnostics deleted = row_count;
    is_full := is_full or deleted >= most;
    delete from owner_rates r where (r.owner_id, r.action) in (
        select old.owner_id, old.action from owner_rates old where old.full_at < clock - interval '1 hour' limit most
    );
    get diagnostics deleted = row_count;
    is_full := is_full or deleted >= most;
    if retention is not null then
        -- An id begins with the milliseconds of its creation (UUIDv7), so no younger post is read. The second condition
        -- holds again once the row is locked: a post that is just retried is younger then.
        delete from social_posts p
        where p.updated_at < past and p.id in (
            select old.id from social_posts old
            where old.id < rpad(lpad(to_hex((extract(epoch from past) * 1000)::bigint), 12, '0'), 32, '0')::uuid
                and old.updated_at < past
                and not exists (
                    select from post_results r
                    where r.post_id = old.id and (
                        r.updated_at >= past or r.due_at is not null
                        or r.state not in ('published', 'delivered_to_inbox', 'failed', 'cancelled', 'expired')
                    )
                )
            order by old.id
            limit most_posts
        );
        get diagnostics deleted = row_count;
        is_full := is_full or deleted >= most_posts;
        delete from social_audit a where a.id in (
            select old.id from social_audit old
            where old.id < rpad(lpad(to_hex((extract(epoch from past) * 1000)::bigint), 12, '0'), 32, '0')::uuid
            order by old.id
            limit most
        );
        get diagnostics deleted = row_count;
        is_full := is_full or deleted >= most;
    end if;
    return is_full;
end $$;
