-- Ends leases early, of steps that were cut off when their process stopped. The results are due at once, and stand as at the
-- end of their leases: the next claim counts a failure, and finds the mark of a call that was sent. A result that was saved
-- or claimed meanwhile is left alone.
create or replace function hand_back(results uuid[], leases uuid[])
returns bigint
language plpgsql
as $$
declare
    is_worker text := set_config('social.worker', 'on', true);
    ended bigint;
begin
    update post_results r
    set due_at = social_now(), updated_at = social_now()
    from unnest(results, leases) as m (result, lease)
    where r.id = m.result and r.lease_token = m.lease and r.due_at > social_now();
    get diagnostics ended = row_count;
    return ended;
end $$;
