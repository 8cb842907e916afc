-- Erases an account's tokens and parks its results with the reason. Returns whether the owner has such an account.
drop function if exists disconnect_account(text, uuid, text, text);
create or replace function disconnect_account(
    owner text, account uuid, code text, message text, origin jsonb default null
)
returns boolean
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    -- A repetition is no further change.
    perform note_change(owner, 'disconnected', origin, account => a.id)
    from social_accounts a
    where a.id = account and a.owner_id = owner and a.status <> 'disconnected';
    update social_accounts a
    set status = 'disconnected', access_token = null, refresh_token = null, token_expires_at = null,
        refresh_expires_at = null, refresh_lease = null, refresh_leased_until = null,
        token_version = a.token_version + 1, updated_at = social_now(), ended_message = null, ended_at = null
    where a.id = account and a.owner_id = owner;
    if not found then
        return false;
    end if;
    perform park_results(account, code, message);
    return true;
end $$;
