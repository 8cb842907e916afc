-- Puts newly encrypted tokens in the place of the same tokens, unless they were replaced meanwhile. An account that was
-- ended because its tokens could not be decrypted is active again, and its results go on. Returns the accounts written.
drop function if exists reseal_grants(uuid[], text[], text[], text[]);
create or replace function reseal_grants(accounts uuid[], olds text[], accesses text[], refreshes text[])
returns setof uuid
language plpgsql
as $$
declare
    written uuid[];
    back uuid;
begin
    perform set_config('social.worker', 'on', true);
    with put as (
        update social_accounts a
        set access_token = anew.access, refresh_token = anew.refresh,
            refresh_version = coalesce(a.refresh_version, a.token_version)
        from unnest(accounts, olds, accesses, refreshes) as anew (id, old, access, refresh)
        where a.id = anew.id and a.access_token = anew.old
        returning a.id
    )
    select coalesce(array_agg(put.id), '{}') into written from put;
    for back in
        update social_accounts a
        set status = 'active', ended_message = null, ended_at = null, unreadable_since = null, unreadable_at = null,
            updated_at = social_now()
        where a.id = any (written) and a.unreadable_since is not null and a.status = 'needs_reconnect'
        returning a.id
    loop
        perform release_results(back);
    end loop;
    return query select unnest(written);
end $$;
