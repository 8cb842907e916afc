-- At most a hundred accounts, of any owner, whose tokens are not encrypted with `key`, or in the first format, or that
-- were ended because they could not be decrypted.
drop function if exists list_stale_seals(text);
create or replace function list_stale_seals(key text)
returns table (
    id uuid, owner_id text, access_token text, refresh_token text, token_version bigint, refresh_version bigint
)
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    return query
        select a.id, a.owner_id, a.access_token, a.refresh_token, a.token_version, a.refresh_version
        from social_accounts a
        where a.access_token is not null and (
            a.access_token not like 'v2.' || key || '.%' or a.refresh_token not like 'v2.' || key || '.%'
            or (a.unreadable_since is not null and a.status = 'needs_reconnect')
        )
        order by random()
        limit 100;
end $$;
