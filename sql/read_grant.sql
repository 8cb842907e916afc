-- The tokens of an owner's active account, encrypted. `dies_soon`: within `soon` seconds.
drop function if exists read_grant(text, uuid, float8);
create or replace function read_grant(owner text, account uuid, soon float8)
returns table (
    access_token text, refresh_token text, token_version bigint, dies_soon boolean, granted_by text, lasted float8,
    is_paused boolean, refresh_version bigint
)
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    return query
        select a.access_token, a.refresh_token, a.token_version,
            coalesce(a.token_expires_at <= social_now() + make_interval(secs => soon), false), a.granted_by,
            extract(epoch from social_now() - a.connected_at)::float8,
            coalesce(a.refresh_paused_until > social_now(), false), a.refresh_version
        from social_accounts a
        where a.id = account and a.owner_id = owner and a.status = 'active';
end $$;
