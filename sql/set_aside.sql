-- Reschedules results whose secrets could not be decrypted, while one lease holds them: they are due again after `pause`
-- seconds. `of_accounts` says for each whether the account's tokens are to blame; if not, its own checkpoint is.
--
-- If that has been so for `grace` seconds, never an hour without a try, the secrets count as lost. Then the account must be
-- connected again, which parks its results with `code` and `message`; it keeps its tokens, in case the key comes back. A
-- result whose checkpoint is lost goes in doubt, because only a person can see what became of it.
create or replace function set_aside(
    results uuid[], of_accounts boolean[], lease uuid, pause float8, grace float8, code text, message text,
    doubt_code text, doubt_message text
)
returns void
language plpgsql
as $$
declare
    clock timestamptz := social_now();
    one record;
begin
    perform set_config('social.worker', 'on', true);
    for one in
        update social_accounts a
        set unreadable_since = case
                when a.unreadable_at > clock - interval '1 hour' then coalesce(a.unreadable_since, clock)
                else clock
            end,
            unreadable_at = clock
        where a.id in (
            select r.account_id from post_results r where r.id = any (results) and r.lease_token = lease
        )
        returning a.id, a.unreadable_since <= clock - make_interval(secs => grace) as is_lost
    loop
        continue when not one.is_lost;
        update social_accounts a
        set status = 'needs_reconnect', ended_message = message, ended_at = clock, updated_at = clock,
            refresh_lease = null, refresh_leased_until = null
        where a.id = one.id and a.status = 'active' and exists (
            select
            from unnest(results, of_accounts) as aside (id, of_account)
            join post_results r on r.id = aside.id
            where aside.of_account and r.account_id = one.id and r.lease_token = lease
        );
        if found then
            update post_results r set lease_token = null, due_at = clock
            where r.id = any (results) and r.lease_token = lease and r.account_id = one.id and not r.in_flight;
            perform park_results(one.id, code, message);
        end if;
        -- A call that was in flight is in the log as one whose sender was lost.
        insert into publish_attempts (result_id, post_id, owner_id, at, step, effect, outcome, duration_ms)
        select r.id, r.post_id, r.owner_id, clock, r.step, 'once', 'crashed', 0
        from unnest(results, of_accounts) as aside (id, of_account)
        join post_results r on r.id = aside.id
        where not aside.of_account and r.account_id = one.id and r.lease_token = lease and r.in_flight;
        -- What is over already is only no longer looked at.
        update post_results r
        set state = case when r.state in ('published', 'delivered_to_inbox') then r.state else 'in_doubt' end,
            due_at = null, lease_token = null, in_flight = false, held_reason = null,
            error_code = case when r.state not in ('published', 'delivered_to_inbox') then doubt_code end,
            error_message = case when r.state not in ('published', 'delivered_to_inbox') then doubt_message end,
            updated_at = clock
        from unnest(results, of_accounts) as aside (id, of_account)
        where r.id = aside.id and not aside.of_account and r.account_id = one.id and r.lease_token = lease;
    end loop;
    update post_results r
    set lease_token = null, due_at = clock + make_interval(secs => pause), updated_at = clock
    where r.id = any (results) and r.lease_token = lease;
end $$;
