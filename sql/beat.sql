-- Notes that the worker was called, unless that was noted within `pause` seconds. Returns how things stood before, as
-- `read_pulse` does.
create or replace function beat(platforms text[], pause float8)
returns table (since_last_call bigint, oldest_due bigint)
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    return query select p.since_last_call, p.oldest_due from read_pulse(platforms) p;
    -- Who is noting it at the same moment notes it for both.
    update worker_pulse w set last_called_at = social_now()
    from (
        select p.is_only from worker_pulse p
        where p.last_called_at <= social_now() - make_interval(secs => pause)
        for no key update skip locked
    ) due
    where w.is_only = due.is_only;
end $$;
