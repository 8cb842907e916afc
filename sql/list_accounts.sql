-- An owner's accounts in the order they were first connected, after the account `after`, at most `most`.
create or replace function list_accounts(owner text, after uuid, most bigint)
returns setof jsonb
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    return query
        select account_json(a) || jsonb_build_object('open_results', open_results(a.id))
        from social_accounts a
        where a.owner_id = owner and (after is null or a.id > after)
        order by a.id
        limit most;
end $$;
