-- Marks results as in flight, each for a step, while their leases hold. Returns those that are marked. What is not to
-- be published any more, because its time is over or its owner wants it stopped, is not: it is due again at once, for
-- somebody to say so. A mark that stands already, as this call left it, is marked.
create or replace function mark_in_flight(ids uuid[], leases uuid[], steps text[], checkpoints text[])
returns setof uuid
language plpgsql
as $$
declare
    -- Assigned: to perform them would run queries. A `set` of the function would make Postgres look through all its settings
    -- once more.
    is_worker text := set_config('social.worker', 'on', true);
    plans text := set_config('plan_cache_mode', 'force_generic_plan', true);
    scans text := set_config('enable_seqscan', 'off', true);
    compiles text := set_config('jit', 'off', true);
begin
    update post_results r
    set lease_token = null, due_at = social_now(), updated_at = social_now()
    from unnest(ids, leases) as m (id, lease)
    where r.id = m.id and r.lease_token = m.lease and not r.in_flight and not r.committed
        and (r.recall_requested or r.expires_at <= social_now());
    return query
        update post_results r
        set in_flight = true, step = m.step, checkpoint = m.checkpoint,
            state = case when r.state in ('queued', 'held') then 'publishing' else r.state end, held_reason = null,
            updated_at = social_now()
        from unnest(ids, leases, steps, checkpoints) as m (id, lease, step, checkpoint)
        where r.id = m.id and r.lease_token = m.lease and r.due_at > social_now()
            and (not r.in_flight or r.checkpoint = m.checkpoint)
        returning r.id;
end $$;
