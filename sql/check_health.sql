-- What a health check asks: how the queue stands, as `read_pulse` returns it, and the schema's version. It also writes a
-- row, because the product cannot work on a server that takes no writes. Of checks at the same time one writes, and at most
-- one each second.
create or replace function check_health(platforms text[])
returns table (since_last_call bigint, oldest_due bigint, newest_migration bigint)
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    update worker_pulse w set checked_at = social_now()
    from (
        select p.is_only from worker_pulse p
        where p.checked_at <= social_now() - interval '1 second'
        for no key update skip locked
    ) due
    where w.is_only = due.is_only;
    return query select p.since_last_call, p.oldest_due, schema_version() from read_pulse(platforms) p;
end $$;
