-- Whether others, of whatever owner, live on the permission behind an account: by the person who gave it at the platform,
-- or because they are the same account there.
create or replace function is_shared_grant(account uuid, on_platform text, remote_id text, giver text)
returns boolean
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    return exists (
        select from social_accounts a
        where a.platform = on_platform and a.id <> account and a.status <> 'disconnected'
            and (a.account_id = remote_id or a.granted_by = giver)
    );
end $$;
