-- Closes the ranks of accounts where more than half of the turns that were given are nobody's any more, because their
-- posts were called off: who still waits begins as soon as it may. `spacings` go with `platforms`: how many seconds apart
-- an account may begin its results. Waits for nobody's lock. Sees whoever's rows its caller sees.
create or replace function give_turns_back(accounts uuid[], platforms text[], spacings float8[])
returns void
language plpgsql
as $$
begin
    with line as materialized (
        select a.id, pace.spacing
        from social_accounts a
        join unnest(platforms, spacings) as pace (platform, spacing) on pace.platform = a.platform
        where a.id = any (accounts) and a.next_start_at > social_now() + make_interval(secs => 2 * pace.spacing * (
            select 1 + count(*) from post_results r
            where r.account_id = a.id and r.state = 'queued' and r.slot_at > social_now()
        ))
        for no key update of a skip locked
    ),
    waiting as materialized (
        select r.id
        from post_results r
        where r.account_id in (select line.id from line) and r.state = 'queued' and r.lease_token is null
            and r.step is null and r.slot_at > social_now()
        for no key update of r skip locked
    ),
    moved as (
        update post_results r set slot_at = null, due_at = social_now()
        from waiting where r.id = waiting.id
    )
    update social_accounts a
    set next_start_at = social_now() + make_interval(secs => line.spacing)
    from line where a.id = line.id;
end $$;
