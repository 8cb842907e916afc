-- Stops looking again at a result that is over, while its lease holds.
create or replace function stop_looking(result uuid, lease uuid)
returns void
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    update post_results r
    set lease_token = null, due_at = null, step = null, checkpoint = null, in_flight = false, failures = 0,
        updated_at = social_now()
    where r.id = result and r.lease_token = lease and r.state in ('published', 'delivered_to_inbox');
end $$;
