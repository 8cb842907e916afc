-- Keeps the grant of the accounts it opens, all or none: each a new row, or the row of the same account renewed. Results
-- that waited for them go on, and the state keeps where the callback lands.
--
-- `accounts` are objects: `id` (the row's, or one for a new row), `remote_id`, `seen` and `seen_version` (the row's status
-- and the version of its tokens as the caller saw them, null where it saw no row), the encrypted `access_token` and
-- `refresh_token`, their lives `expires_in` and `refresh_expires_in` in seconds, `scopes`, `username`, `metadata` and
-- `granted_by`.
--
-- Returns the accounts. If a row is not as the caller saw it, nothing is kept: `is_connected` is false, and the owner's
-- accounts on the platform are returned as they are. A state that has landed was kept before: a second call changes
-- nothing.
drop function if exists connect_accounts(text, text, text, jsonb, bytea, text);
create or replace function connect_accounts(
    owner text, on_platform text, client text, accounts jsonb, hash bytea, landing text, origin jsonb default null
)
returns table (is_connected boolean, account jsonb)
language plpgsql
as $$
declare
    ids uuid[] := array(select n.id from jsonb_to_recordset(accounts) as n (id uuid));
    is_kept boolean;
    is_as_seen boolean;
begin
    perform set_config('social.owner', owner, true);
    select s.landed is not null into is_kept
    from oauth_states s
    where s.state_hash = hash and s.owner_id = owner
    for no key update;
    if is_kept then
        return query select true, account_json(a) from social_accounts a where a.owner_id = owner and a.id = any (ids);
        return;
    end if;
    -- In one order, so that two connections at once do not wait for each other.
    perform from social_accounts a
    where a.owner_id = owner and a.platform = on_platform
        and a.account_id in (select n.remote_id from jsonb_to_recordset(accounts) as n (remote_id text))
    order by a.account_id
    for no key update;
    -- The tokens are encrypted for the version after the one that was seen. An older program names none.
    select coalesce(bool_and(a.id is not distinct from case when n.seen is not null then n.id end
        and a.status is not distinct from n.seen
        and (n.seen_version is null or a.token_version = n.seen_version)), true)
    into is_as_seen
    from jsonb_to_recordset(accounts) as n (id uuid, remote_id text, seen text, seen_version bigint)
    left join social_accounts a on a.owner_id = owner and a.platform = on_platform and a.account_id = n.remote_id;
    if is_as_seen then
        begin
            insert into social_accounts
                (id, owner_id, platform, account_id, client_id, status, connected_at, created_at, updated_at)
            select n.id, owner, on_platform, n.remote_id, client, 'disconnected', social_now(), social_now(), social_now()
            from jsonb_to_recordset(accounts) as n (id uuid, remote_id text, seen text)
            where n.seen is null
            order by n.remote_id;
        exception when unique_violation then
            -- It came to exist in this moment.
            is_as_seen := false;
        end;
    end if;
    if not is_as_seen then
        return query
            select false, account_json(a) from social_accounts a where a.owner_id = owner and a.platform = on_platform;
        return;
    end if;
    -- A platform that sends no refresh token this time leaves the one it sent before valid.
    -- What the old grant's end has parked gave its turns back: the account begins anew at once, and not after them.
    update social_accounts a
    set client_id = client, access_token = n.access_token,
        refresh_token = coalesce(n.refresh_token, a.refresh_token),
        refresh_version = case when n.refresh_token is null then a.refresh_version else a.token_version + 1 end,
        token_expires_at = social_now() + make_interval(secs => n.expires_in),
        refresh_expires_at = social_now() + make_interval(secs => n.refresh_expires_in),
        scopes = n.scopes, token_version = a.token_version + 1, refresh_lease = null, refresh_leased_until = null,
        username = coalesce(n.username, a.username), account_metadata = a.account_metadata || n.metadata,
        granted_by = n.granted_by, token_obtained_at = social_now(), status = 'active', connected_at = social_now(),
        updated_at = social_now(), ended_message = null, ended_at = null, unreadable_since = null,
        unreadable_at = null,
        next_start_at = case
            when exists (
                select from post_results r
                where r.account_id = a.id and r.state = 'queued' and r.slot_at > social_now()
            ) then a.next_start_at
            else least(a.next_start_at, social_now())
        end
    from jsonb_to_recordset(accounts) as n (
        id uuid, access_token text, refresh_token text, expires_in float8, refresh_expires_in float8, scopes text[],
        username text, metadata jsonb, granted_by text
    )
    where a.id = n.id and a.owner_id = owner;
    perform note_change(owner, case when n.seen is null then 'connected' else 'reconnected' end, origin, account => n.id)
    from jsonb_to_recordset(accounts) as n (id uuid, seen text);
    perform release_results(id) from unnest(ids) as connected (id);
    update oauth_states s set landed = landing, code_verifier = null
    where s.state_hash = hash and s.owner_id = owner and s.consumed_at is not null and s.landed is null;
    return query
        select true, account_json(a) from social_accounts a
        where a.owner_id = owner and a.id = any (ids)
        order by a.account_id;
end $$;
