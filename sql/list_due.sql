-- The due results of some platforms, at most so many, the longest waiting first. Takes nothing.
create or replace function list_due(platforms text[], most integer)
returns setof uuid
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    return query
        select due.id
        from unnest(platforms) as queue (platform)
        cross join lateral (
            select r.id, r.due_at from post_results r
            where r.platform = queue.platform and r.due_at <= (select social_now())
            order by r.due_at, r.id
            limit most
        ) due
        order by due.due_at, due.id
        limit most;
end $$;
