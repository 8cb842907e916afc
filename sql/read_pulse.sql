-- How the queue stands: how long ago the worker was called, in seconds, null if never; and how long the oldest due
-- result of any of the platforms has been waiting.
create or replace function read_pulse(platforms text[])
returns table (since_last_call bigint, oldest_due bigint)
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    return query
        select case when isfinite(p.last_called_at) then extract(epoch from social_now() - p.last_called_at)::bigint end,
            coalesce((
                select max(extract(epoch from social_now() - oldest.due_at))::bigint
                from unnest(platforms) as queue (platform)
                cross join lateral (
                    select r.due_at from post_results r
                    where r.platform = queue.platform and r.due_at is not null
                    order by r.due_at limit 1
                ) oldest
            ), 0)
        from worker_pulse p;
end $$;
