-- What an owner's idempotency key was used for: no row if it was not, `same` with the post for the same request, and
-- `key_reused` for another. Sees whoever's rows its caller sees.
create or replace function find_by_key(owner text, wanted_key text, hash bytea)
returns table (outcome text, shown jsonb)
language plpgsql
as $$
begin
    return query
        select
            case when k.body_hash = hash then 'same' else 'key_reused' end,
            case when k.body_hash = hash then post_json(owner, k.post_id) end
        from idempotency_keys k
        where k.owner_id = owner and k.key = wanted_key;
end $$;
