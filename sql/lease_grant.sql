-- The tokens of an owner's active account, as `read_grant` returns them, and with them the right to refresh them, for
-- some seconds: if they die soon, or are of the `rejected` version, or in any case with `anyway`; and if nobody else has
-- it, and no pause is on. Called again with the same `lease`, it still has it.
drop function if exists lease_grant(text, uuid, float8, bigint, boolean, uuid, float8);
create or replace function lease_grant(
    owner text, account uuid, soon float8, rejected bigint, anyway boolean, lease uuid, lease_seconds float8
)
returns table (
    access_token text, refresh_token text, token_version bigint, dies_soon boolean, granted_by text, lasted float8,
    is_paused boolean, is_leased boolean, refresh_version bigint
)
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    update social_accounts a
    set refresh_lease = lease, refresh_leased_until = social_now() + make_interval(secs => lease_seconds)
    where a.id = account and a.owner_id = owner and a.status = 'active'
        and (anyway or a.token_version = rejected or a.token_expires_at <= social_now() + make_interval(secs => soon))
        and (a.refresh_leased_until is null or a.refresh_leased_until <= social_now() or a.refresh_lease = lease)
        and (a.refresh_paused_until is null or a.refresh_paused_until <= social_now());
    is_leased := found;
    return query
        select g.access_token, g.refresh_token, g.token_version, g.dies_soon, g.granted_by, g.lasted, g.is_paused, is_leased,
            g.refresh_version
        from read_grant(owner, account, soon) g;
end $$;
