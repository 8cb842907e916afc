-- Records a delivery and applies it, once. `kind` is what it tells: `complete`, `public`, `inbox`, `failed`, `removed` (the
-- grant), or null, which is nothing to act upon. A worker that is just asking the platform loses its lease: the platform
-- has told.
--
-- What there is left to know of a result is asked for by a look, which only the caller can seal. If a result needs one
-- that the caller has not brought, nothing is recorded, and the results that need one are returned: for the caller to call
-- again with the arrays from `looked_at` on, an element for each. `seen` is the checkpoint that a look was made from: if
-- another is there by now, the look is made again. A look is a step with its checkpoint, or an address (`urls`), or
-- neither.
create or replace function receive_webhook(
    hash bytea, on_platform text, client text, remote_id text, name text, kind text, publish text, post text,
    told_at timestamptz, park_code text, park_message text, looked_at uuid[], seen text[], urls text[], steps text[],
    checkpoints text[]
)
returns table (
    id uuid, owner_id text, username text, step text, checkpoint text, wants_look boolean
)
language plpgsql
as $$
#variable_conflict use_column
declare
    is_success boolean := coalesce(kind in ('complete', 'public', 'inbox'), false);
    named uuid[];
    account record;
begin
    perform set_config('social.worker', 'on', true);
    insert into received_webhooks (body_hash, platform, account_id, event, publish_id, post_id, received_at, applied)
    values (hash, on_platform, remote_id, name, publish, post, social_now(), publish is null)
    on conflict (body_hash) do nothing;
    if not found then
        return;
    end if;
    if kind = 'removed' then
        -- Unless the account was connected again since.
        for account in
            update social_accounts a
            set status = 'needs_reconnect', refresh_lease = null, refresh_leased_until = null, updated_at = social_now(),
                ended_message = park_message, ended_at = social_now(), unreadable_since = null
            where a.platform = on_platform and a.account_id = remote_id and a.client_id = client
                and a.status = 'active' and a.connected_at < told_at
            returning a.id, a.owner_id
        loop
            perform note_change(account.owner_id, 'ended', '{"actor": "platform"}', account => account.id);
            perform park_results(account.id, park_code, park_message);
        end loop;
    end if;
    if publish is null then
        return;
    end if;
    if is_success then
        perform name_lost_publish(on_platform, remote_id, publish, told_at);
    end if;
    select coalesce(array_agg(known.id), '{}') into named
    from (
        select r.id
        from post_results r
        join social_accounts a on a.id = r.account_id
        where r.publish_id = publish and r.platform = on_platform and (remote_id is null or a.account_id = remote_id)
        for no key update of r
    ) known;
    if cardinality(named) = 0 then
        return;
    end if;
    if is_success then
        return query
            select r.id, r.owner_id, a.username, r.step, r.checkpoint, r.platform_url is null and p.video is not null
            from post_results r
            join social_accounts a on a.id = r.account_id
            join social_posts p on p.id = r.post_id
            where r.id = any (named)
                and ((r.platform_url is null and p.video is not null) or (kind = 'public' and a.username is not null))
                and not exists (
                    select from unnest(looked_at, seen) as l (id, seen)
                    where l.id = r.id and l.seen is not distinct from r.checkpoint
                );
        if found then
            delete from received_webhooks w where w.body_hash = hash;
            return;
        end if;
        -- A call that is out, and of which nobody will say what came of it now that the platform has: it is in the ledger
        -- all the same, as one whose sender was lost.
        insert into publish_attempts (result_id, post_id, owner_id, at, step, effect, outcome, duration_ms)
        select r.id, r.post_id, r.owner_id, social_now(), r.step, 'once', 'crashed', 0
        from post_results r
        where r.id = any (named) and r.in_flight;
    end if;
    if kind in ('complete', 'public') then
        -- Whatever was to be done next is never done; what there is left to know is asked for.
        update post_results r
        set state = 'published', published_at = coalesce(r.published_at, social_now()),
            platform_post_id = coalesce(post, r.platform_post_id), platform_url = coalesce(l.url, r.platform_url),
            bytes_sent = r.bytes_total, in_flight = false, lease_token = null, failures = 0, held_reason = null,
            error_code = null, error_message = null, due_at = case when l.step is not null then social_now() end,
            step = l.step, checkpoint = l.checkpoint, updated_at = social_now()
        from unnest(named) as n (id)
        left join unnest(looked_at, urls, steps, checkpoints) as l (id, url, step, checkpoint) on l.id = n.id
        where r.id = n.id and r.state <> 'queued'
            -- The platform had told us already: the look comes when it was to come.
            and not (
                post is null and l.step is not null and r.state = 'published' and r.due_at is not null
                and r.step is not distinct from l.step
            );
    elsif kind = 'inbox' then
        -- Whether its owner posts the draft is looked for from now on.
        update post_results r
        set state = 'delivered_to_inbox', in_flight = false, lease_token = null, failures = 0, held_reason = null,
            error_code = null, error_message = null, due_at = case when l.step is not null then social_now() end,
            step = l.step, checkpoint = l.checkpoint, bytes_sent = r.bytes_total, updated_at = social_now()
        from unnest(named) as n (id)
        left join unnest(looked_at, steps, checkpoints) as l (id, step, checkpoint) on l.id = n.id
        where r.id = n.id and r.state in ('publishing', 'processing', 'held', 'in_doubt');
    elsif kind = 'failed' then
        -- The status tells the reason and whether to begin again, so it is asked now.
        update post_results r set due_at = social_now(), updated_at = social_now()
        where r.id = any (named) and r.lease_token is null and r.state in ('publishing', 'processing');
    end if;
    update received_webhooks w set applied = true where w.body_hash = hash;
end $$;
