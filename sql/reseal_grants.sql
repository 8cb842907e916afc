-- Puts tokens that are sealed anew in the place of the same tokens: of an account that was not refreshed meanwhile.
create or replace function reseal_grants(accounts uuid[], olds text[], accesses text[], refreshes text[])
returns void
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    update social_accounts a
    set access_token = anew.access, refresh_token = anew.refresh
    from unnest(accounts, olds, accesses, refreshes) as anew (id, old, access, refresh)
    where a.id = anew.id and a.access_token = anew.old;
end $$;
