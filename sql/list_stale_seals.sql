-- At most a hundred accounts, of any owner, with tokens that another key than `key` has sealed.
create or replace function list_stale_seals(key text)
returns table (id uuid, owner_id text, access_token text, refresh_token text)
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    return query
        select a.id, a.owner_id, a.access_token, a.refresh_token
        from social_accounts a
        where a.access_token is not null
            and (split_part(a.access_token, '.', 2) <> key or split_part(a.refresh_token, '.', 2) <> key)
        order by random()
        limit 100;
end $$;
