-- Keeps what the callback will need, under the hash of the state, for `lifetime` seconds. `again` is the account to be
-- connected again, if it is not to be a new one. Returns when the state expires; null: the owner has no such account on
-- the platform. A second call with the same id keeps nothing more. `per_minute` is for `count_call`.
--
-- The commit waits for no disk. A user who starts to connect in the second before Postgres crashes must start again.
drop function if exists keep_state(uuid, bytea, text, text, text, text, bytea, text, uuid, float8);
create or replace function keep_state(
    state uuid, hash bytea, owner text, on_platform text, redirect text, verifier text, cookie bytea, page text,
    again uuid, lifetime float8, per_minute integer default null
)
returns timestamptz
language plpgsql
as $$
declare
    -- Assigned: to perform them would run queries.
    is_owner text := set_config('social.owner', owner, true);
    commits text := set_config('synchronous_commit', 'off', true);
    expiry timestamptz;
begin
    perform count_call(owner, 'connect', per_minute);
    if again is not null and not exists (
        select from social_accounts a where a.id = again and a.owner_id = owner and a.platform = on_platform
    ) then
        return null;
    end if;
    insert into oauth_states
        (id, state_hash, owner_id, platform, redirect_uri, code_verifier, cookie_hash, return_to, reconnects, expires_at)
    values (
        state, hash, owner, on_platform, redirect, verifier, cookie, page, again,
        social_now() + make_interval(secs => lifetime)
    )
    on conflict do nothing
    returning expires_at into expiry;
    if not found then
        select s.expires_at into expiry from oauth_states s where s.id = state and s.owner_id = owner;
    end if;
    return expiry;
end $$;
