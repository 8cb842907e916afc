-- Tells that an account must be connected again, in the transaction that finds it out.
create or replace function tell_of_account()
returns trigger
language plpgsql
as $$
begin
    if exists (select from webhook_endpoints) then
        perform tell(
            'account.needsReconnect', new.owner_id, new.id,
            jsonb_build_object(
                'ownerId', new.owner_id, 'accountId', new.id, 'platform', new.platform, 'username', new.username,
                'message', new.ended_message
            )
        );
    end if;
    return null;
end $$;

drop trigger if exists tell_of_account on social_accounts;
create trigger tell_of_account after update of status on social_accounts
for each row when (old.status <> new.status and new.status = 'needs_reconnect')
execute function tell_of_account();
