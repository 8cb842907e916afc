-- Settles a doubt by what the owner saw. `message` says so where the video is not on the account.
--
-- Returns `done` with the post, `unknown` or `not_in_doubt`.
drop function if exists resolve_result(text, uuid, uuid, uuid, boolean, text);
create or replace function resolve_result(
    owner text, post uuid, change uuid, result uuid, is_published boolean, message text, origin jsonb default null
)
returns table (outcome text, shown jsonb)
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    outcome := begin_change(owner, post, change);
    if outcome = 'open' then
        update post_results r
        set state = case when is_published then 'published' else 'failed' end, held_reason = null, due_at = null,
            published_at = case when is_published then social_now() end,
            error_code = case when not is_published then 'not_published' end,
            error_message = case when not is_published then message end,
            updated_at = social_now()
        where r.id = result and r.post_id = post and r.owner_id = owner
            -- An account that does not come back cannot be asked either.
            and (r.state = 'in_doubt' or (r.state = 'held' and r.held_reason = 'needs_reconnect' and r.committed));
        if found then
            outcome := finish_change(
                owner, post, change, case when is_published then 'resolved_published' else 'resolved_not_published' end,
                origin, result
            );
        else
            outcome := 'not_in_doubt';
        end if;
    end if;
    if outcome = 'done' then
        shown := post_json(owner, post);
    end if;
    return next;
end $$;
