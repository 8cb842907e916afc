-- Those of an owner's accounts that are asked for.
create or replace function find_accounts(owner text, wanted uuid[])
returns setof jsonb
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    return query
        select account_json(a) || jsonb_build_object('open_results', open_results(a.id))
        from social_accounts a
        where a.owner_id = owner and a.id = any (wanted);
end $$;
