-- Whether an owner's accounts are no longer as a request saw them: `seen` are objects with `account`, `status` and
-- `scopes`. Sees whoever's rows its caller sees.
create or replace function accounts_differ(owner text, seen jsonb)
returns boolean
language plpgsql
as $$
begin
    return exists (
        select from jsonb_to_recordset(seen) as s (account uuid, status text, scopes jsonb)
        left join social_accounts a on a.id = s.account and a.owner_id = owner
        where (a.status, to_jsonb(a.scopes)) is distinct from (s.status, s.scopes)
    );
end $$;
