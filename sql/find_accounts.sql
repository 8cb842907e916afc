-- Those of an owner's accounts that are asked for. `per_minute` is for `count_call`: of validations.
drop function if exists find_accounts(text, uuid[]);
create or replace function find_accounts(owner text, wanted uuid[], per_minute integer default null)
returns setof jsonb
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    perform count_call(owner, 'validate', per_minute);
    return query
        select account_json(a) || jsonb_build_object('open_results', open_results(a.id))
        from social_accounts a
        where a.owner_id = owner and a.id = any (wanted);
end $$;
