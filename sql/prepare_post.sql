-- What a create request is answered by: what its idempotency key was used for (`same` or `key_reused`), or else (`new`)
-- the accounts it names, as far as the owner has them. `wanted_key` and `hash` are null for a request without a key.
-- `per_minute` is for `count_call`: a request that was answered before does not count.
drop function if exists prepare_post(text, text, bytea, uuid[]);
create or replace function prepare_post(
    owner text, wanted_key text, hash bytea, wanted uuid[], per_minute integer default null
)
returns table (outcome text, shown jsonb, accounts jsonb)
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    return query select k.outcome, k.shown, '[]'::jsonb from find_by_key(owner, wanted_key, hash) k;
    if not found then
        perform count_call(owner, 'create', per_minute);
        return query
            select 'new', null::jsonb, coalesce(jsonb_agg(account_json(a)), '[]')
            from social_accounts a
            where a.owner_id = owner and a.id = any (wanted);
    end if;
end $$;
