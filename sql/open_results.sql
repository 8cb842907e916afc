-- How many results of an account are not over yet, counted up to a thousand. Sees whoever's rows its caller sees.
create or replace function open_results(account uuid)
returns bigint
language plpgsql stable
as $$
begin
    return (
        select count(*)
        from (
            select from post_results r
            where r.account_id = account and r.state in ('queued', 'held', 'publishing', 'processing')
            limit 1000
        ) counted
    );
end $$;
