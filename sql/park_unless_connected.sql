-- Parks what else an account has under way, unless its owner has connected it again since: then all of it goes on. Sees
-- whoever's rows its caller sees.
create or replace function park_unless_connected(account uuid, code text, message text)
returns void
language plpgsql
as $$
begin
    -- Locked, so that a connection just being made either sees the parked results or is seen here.
    if (select a.status from social_accounts a where a.id = account for share) = 'active' then
        perform release_results(account);
    else
        perform park_results(account, code, message);
    end if;
end $$;
