-- Notes that the worker was called, unless that was noted within `pause` seconds. Returns how things stood before, as
-- `read_pulse` does. After a stop of five minutes the product is told.
create or replace function beat(platforms text[], pause float8)
returns table (since_last_call bigint, oldest_due bigint)
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    select p.since_last_call, p.oldest_due into since_last_call, oldest_due from read_pulse(platforms) p;
    return next;
    -- Nobody but a worker can tell the product that no worker was called.
    if oldest_due >= 300 and coalesce(since_last_call, 300) >= 300 and exists (select from webhook_endpoints) then
        perform tell(
            'worker.stalled', null, null,
            jsonb_build_object('sinceLastCallSeconds', since_last_call, 'oldestDueSeconds', oldest_due)
        );
    end if;
    -- Who is noting it at the same moment notes it for both.
    update worker_pulse w set last_called_at = social_now()
    from (
        select p.is_only from worker_pulse p
        where p.last_called_at <= social_now() - make_interval(secs => pause)
        for no key update skip locked
    ) due
    where w.is_only = due.is_only;
end $$;
