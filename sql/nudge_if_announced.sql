-- A webhook may have named a result's publish before we could: then the platform has news, so the result is due at once.
-- Sees whoever's rows its caller sees.
create or replace function nudge_if_announced(result uuid, on_platform text, publish text)
returns void
language plpgsql
as $$
begin
    update received_webhooks w set applied = true
    where w.publish_id = publish and w.platform = on_platform and not w.applied;
    if found then
        update post_results r set due_at = social_now()
        where r.id = result and r.lease_token is null and r.state in ('publishing', 'processing');
    end if;
end $$;
