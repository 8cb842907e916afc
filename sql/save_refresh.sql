-- Keeps a refreshed grant, if the account's tokens are still of the version it was bought with. What the platform does
-- not tell stays as it was. Returns whether it is kept, by this call or by one before it.
create or replace function save_refresh(
    owner text, account uuid, version bigint, access text, refresh text, expires_in float8, refresh_expires_in float8,
    granted_scopes text[]
)
returns boolean
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    update social_accounts a
    set access_token = access, refresh_token = coalesce(refresh, a.refresh_token),
        refresh_version = case when refresh is null then a.refresh_version else a.token_version + 1 end,
        token_expires_at = social_now() + make_interval(secs => expires_in),
        refresh_expires_at = coalesce(social_now() + make_interval(secs => refresh_expires_in), a.refresh_expires_at),
        scopes = case when cardinality(granted_scopes) > 0 then granted_scopes else a.scopes end,
        token_obtained_at = social_now(), token_version = a.token_version + 1, refresh_lease = null,
        refresh_leased_until = null, updated_at = social_now()
    where a.id = account and a.owner_id = owner and a.token_version = version and a.status = 'active';
    return found or exists (
        select from social_accounts a
        where a.id = account and a.owner_id = owner and a.token_version = version + 1 and a.access_token = access
    );
end $$;
