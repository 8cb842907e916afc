-- The limits of this session that keep a process from holding rows for long, each as Postgres shows it; `0` is none.
create or replace function read_timeouts()
returns table (name text, value text)
language plpgsql
as $$
begin
    return query
        select limits.name, current_setting(limits.name)
        from unnest(array[
            'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'
        ]) as limits (name);
end $$;
