-- The encrypted values of the next rows after `after`, of any owner, in the order of their ids: of `accounts`, `results` or
-- `states`. A row without such a value is listed only if it is the last of the page.
create or replace function list_seals(kind text, after uuid, most integer)
returns table (
    id uuid, owner_id text, sealed text, refresh_token text, token_version bigint, refresh_version bigint,
    was_unreadable boolean
)
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    return query
        with page as materialized (
            (
                select a.id, a.owner_id, a.access_token, a.refresh_token, a.token_version, a.refresh_version,
                    a.unreadable_since is not null and a.status = 'needs_reconnect' as was_unreadable
                from social_accounts a
                where kind = 'accounts' and a.id > after
                order by a.id
                limit most
            )
            union all
            (
                select r.id, r.owner_id, r.checkpoint, null, null, null, false
                from post_results r
                where kind = 'results' and r.id > after
                order by r.id
                limit most
            )
            union all
            (
                select s.id, s.owner_id, s.code_verifier, null, null, null, false
                from oauth_states s
                where kind = 'states' and s.id > after
                order by s.id
                limit most
            )
        )
        select p.* from page p
        where p.access_token is not null or p.id = (select e.id from page e order by e.id desc limit 1)
        order by p.id;
end $$;
