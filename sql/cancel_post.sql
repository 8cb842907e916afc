-- Calls off what can still be called off: whatever has not been sent for good. A worker that is just uploading loses its
-- lease, so the last byte never goes out. What the platform has, but can be asked to stop, the worker will ask it to.
-- `spacings` go with `platforms`: how many seconds apart an account may begin results.
--
-- Returns `done` with the post, `unknown` or `nothing_to_cancel`.
drop function if exists cancel_post(text, uuid, uuid, text[], float8[]);
create or replace function cancel_post(
    owner text, post uuid, change uuid, platforms text[], spacings float8[], origin jsonb default null
)
returns table (outcome text, shown jsonb)
language plpgsql
as $$
declare
    is_changed boolean;
begin
    perform set_config('social.owner', owner, true);
    outcome := begin_change(owner, post, change);
    if outcome = 'open' then
        update post_results r
        set state = 'cancelled', due_at = null, lease_token = null, held_reason = null, error_code = null,
            error_message = null, updated_at = social_now()
        where r.post_id = post and r.owner_id = owner and not r.in_flight and not r.committed
            and r.state in ('queued', 'publishing', 'held');
        is_changed := found;
        update post_results r
        set recall_requested = true, updated_at = social_now(),
            due_at = case when r.lease_token is null and r.state = 'processing' then social_now() else r.due_at end
        where r.post_id = post and r.owner_id = owner and r.recallable and not r.recall_requested and not r.in_flight
            and r.state in ('processing', 'held');
        is_changed := is_changed or found;
        -- A call that is out is heard to its end. If it was not the last, the next is not marked, and so not sent.
        update post_results r
        set recall_requested = true, updated_at = social_now()
        where r.post_id = post and r.owner_id = owner and r.in_flight and not r.committed and not r.recall_requested
            and r.state = 'publishing';
        is_changed := is_changed or found;
        if is_changed then
            perform give_turns_back(
                array(select r.account_id from post_results r where r.post_id = post and r.owner_id = owner),
                platforms, spacings
            );
            outcome := finish_change(owner, post, change, 'cancelled', origin);
        else
            outcome := 'nothing_to_cancel';
        end if;
    end if;
    if outcome = 'done' then
        shown := post_json(owner, post);
    end if;
    return next;
end $$;
