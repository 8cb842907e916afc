-- How many rows have values under each encryption key: of `accounts`, `results` or `states`, of any owner.
create or replace function count_seals(kind text)
returns table (key text, found bigint)
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    return query
        select sealed.key, count(*)
        from (
            select distinct a.id, split_part(v.value, '.', 2) as key
            from social_accounts a cross join unnest(array[a.access_token, a.refresh_token]) as v (value)
            where kind = 'accounts' and v.value is not null
            union all
            select r.id, split_part(r.checkpoint, '.', 2)
            from post_results r
            where kind = 'results' and r.checkpoint is not null
            union all
            select s.id, split_part(s.code_verifier, '.', 2)
            from oauth_states s
            where kind = 'states' and s.code_verifier is not null
        ) sealed
        group by sealed.key;
end $$;
