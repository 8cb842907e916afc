-- The state of a post, which follows from its results alone: the first that fits. Sees whoever's rows its caller sees.
create or replace function post_state(owner text, post uuid)
returns text
language plpgsql stable
as $$
begin
    return (
        select case
            when bool_or(r.state = 'in_doubt' or (r.state = 'held' and r.held_reason = 'needs_reconnect'))
                then 'needs_attention'
            when bool_and(r.state = 'cancelled') then 'cancelled'
            when bool_and(r.state in ('queued', 'cancelled')) then 'scheduled'
            when bool_or(r.state in ('queued', 'held', 'publishing', 'processing')) then 'publishing'
            when bool_and(r.state in ('published', 'delivered_to_inbox', 'cancelled')) then 'published'
            when bool_or(r.state in ('published', 'delivered_to_inbox')) then 'partial'
            when bool_and(r.state in ('expired', 'cancelled')) then 'expired'
            else 'failed'
        end
        from post_results r
        where r.post_id = post and r.owner_id = owner
    );
end $$;
