-- Notes what the platform tells of an owner's account.
create or replace function describe_account(owner text, account uuid, name text, metadata jsonb)
returns void
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    update social_accounts a
    set username = coalesce(name, a.username), account_metadata = a.account_metadata || metadata,
        updated_at = social_now()
    where a.id = account and a.owner_id = owner;
end $$;
