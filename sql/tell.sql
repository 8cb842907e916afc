-- Writes a message for every endpoint. A disabled one gets it when it is enabled again and asks for it.
create or replace function tell(kind text, owner text, about uuid, facts jsonb)
returns void
language sql
as $$
    insert into webhook_messages (id, endpoint, owner_id, subject, type, data, created_at, due_at)
    select gen_random_uuid(), e.url_hash, owner, about, kind, jsonb_strip_nulls(facts), social_now(),
        case when e.disabled_at is null then social_now() end
    from webhook_endpoints e
$$;
