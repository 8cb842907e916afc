-- Holds what else waits for the same window, `seconds` from now or from the midnight of a zone: the account's queued
-- results, or all of a platform's if one is given. A row that is just being claimed, or held by another who met the same
-- window, is left to them. Sees whoever's rows its caller sees.
create or replace function hold_results(
    account uuid, on_platform text, reason text, seconds float8, midnight_in text, code text, message text
)
returns void
language plpgsql
as $$
declare
    until timestamptz := social_after(seconds, midnight_in);
begin
    with waiting as materialized (
        select r.id
        from post_results r
        where (r.account_id = account or r.platform = on_platform) and r.state = 'queued' and r.lease_token is null
            and r.due_at < until
        order by r.id
        for no key update of r skip locked
    )
    update post_results r
    set state = 'held', held_reason = reason, due_at = least(until, r.expires_at), slot_at = null,
        error_code = code, error_message = message, updated_at = social_now()
    from waiting
    where r.id = waiting.id;
end $$;
