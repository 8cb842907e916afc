-- Notes that a grant has ended and parks the account's results with the reason, if its tokens are still of this version.
-- Returns whether they are.
create or replace function end_grant(owner text, account uuid, version bigint, code text, message text)
returns boolean
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    update social_accounts a
    set status = 'needs_reconnect', refresh_lease = null, refresh_leased_until = null, updated_at = social_now(),
        ended_message = coalesce(a.ended_message, message), ended_at = coalesce(a.ended_at, social_now()),
        unreadable_since = null
    where a.id = account and a.owner_id = owner and a.token_version = version
        and a.status in ('active', 'needs_reconnect');
    if not found then
        return false;
    end if;
    perform park_results(account, code, message);
    return true;
end $$;
