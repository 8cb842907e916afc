-- Makes messages due again: those of `ids`, also delivered ones, and those that were not delivered and are from `since`
-- on. Their endpoints are enabled again. Returns how many.
create or replace function redeliver_messages(ids uuid[], since timestamptz)
returns bigint
language plpgsql
as $$
declare
    is_worker text := set_config('social.worker', 'on', true);
    again bigint;
begin
    with due as (
        update webhook_messages m
        set due_at = social_now(), delivered_at = null, failures = 0, lease_token = null
        where m.id = any (ids) or (m.due_at is null and m.delivered_at is null and m.created_at >= since)
        returning m.endpoint
    ),
    enabled as (
        update webhook_endpoints e set disabled_at = null, failing_since = null
        where e.url_hash in (select due.endpoint from due) and e.failing_since is not null
    )
    select count(*) into again from due;
    return again;
end $$;
