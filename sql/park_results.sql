-- Parks what an account has under way until it is connected again, each result with the reason. What is parked already
-- keeps the reason it has. Sees whoever's rows its caller sees.
create or replace function park_results(account uuid, code text, message text)
returns void
language plpgsql
as $$
begin
    update post_results r
    set state = 'held', held_reason = 'needs_reconnect', due_at = case when not r.committed then r.expires_at end,
        slot_at = case when r.step is not null then r.slot_at end,
        error_code = case when r.held_reason = 'needs_reconnect' then coalesce(r.error_code, code) else code end,
        error_message = case
            when r.held_reason = 'needs_reconnect' then coalesce(r.error_message, message) else message
        end,
        updated_at = social_now()
    where r.account_id = account and r.state in ('queued', 'held', 'publishing', 'processing') and not r.in_flight
        and r.lease_token is null;
end $$;
