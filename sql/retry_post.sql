-- Begins again with what failed: a failed result is one that provably published nothing. `code` and `message` are for
-- results whose accounts have no grant now.
--
-- Returns `done` with the post, `unknown` or `nothing_to_retry`.
drop function if exists retry_post(text, uuid, uuid, text, text);
create or replace function retry_post(
    owner text, post uuid, change uuid, code text, message text, origin jsonb default null
)
returns table (outcome text, shown jsonb)
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    -- Locked, so that nobody changes it meanwhile, nor looks at its video.
    outcome := begin_change(owner, post, change);
    if outcome = 'open' then
        with account as materialized (
            select a.id, a.status = 'active' as is_active, p.publish_at, p.max_lateness
            from social_accounts a
            join social_posts p on p.id = post and p.owner_id = owner
            where a.id in (select r.account_id from post_results r where r.post_id = post and r.owner_id = owner)
            for share of a
        )
        update post_results r
        set state = case when account.is_active then 'queued' else 'held' end,
            held_reason = case when not account.is_active then 'needs_reconnect' end,
            due_at = case when account.is_active then greatest(social_now(), account.publish_at) end,
            slot_at = null, step = null, checkpoint = null, in_flight = false, committed = false, failures = 0,
            -- Who asks for it again wants it however late, unless a time was set that is still to come.
            expires_at = case
                when account.publish_at > social_now()
                    then account.publish_at + make_interval(secs => account.max_lateness)
            end,
            recallable = false, recall_requested = false, rejected_version = null, publish_id = null, bytes_sent = null,
            error_code = case when not account.is_active then code end,
            error_message = case when not account.is_active then message end, updated_at = social_now()
        from account
        where r.post_id = post and r.owner_id = owner and r.state in ('failed', 'expired') and account.id = r.account_id;
        if found then
            -- The file may be another one by now: it is looked at afresh, unless another result is sending it.
            update social_posts p set video = null
            where p.id = post and p.owner_id = owner
                and not exists (
                    select from post_results r where r.post_id = post and r.owner_id = owner
                        and (r.step is not null or r.lease_token is not null)
                        and r.state in ('publishing', 'processing', 'held', 'queued', 'published', 'delivered_to_inbox')
                );
            outcome := finish_change(owner, post, change, 'retried', origin);
        else
            outcome := 'nothing_to_retry';
        end if;
    end if;
    if outcome = 'done' then
        shown := post_json(owner, post);
    end if;
    return next;
end $$;
