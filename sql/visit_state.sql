-- Consumes a state: the one guarded statement that lets exactly one visit through, and none but of the browser that asked,
-- which its cookie tells. `visit` names the call, so that a second one with the same name is let through again.
--
-- Returns nothing for a state that was never made. `standing` is `first`, with all the callback needs and, in `known`,
-- the accounts that the owner has connected on the platform before; or why the visit finishes nothing.
create or replace function visit_state(hash bytea, cookie bytea, visit uuid)
returns table (
    standing text, state uuid, owner text, on_platform text, redirect text, verifier text, page text, again uuid,
    landing text, known jsonb
)
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    return query
        with consumed as (
            update oauth_states s set consumed_at = social_now(), consumed_by = visit
            where s.state_hash = hash and s.cookie_hash = cookie
                and (s.consumed_by = visit or (s.consumed_at is null and s.expires_at > social_now()))
            returning s.*
        )
        select 'first', c.id, c.owner_id, c.platform, c.redirect_uri, c.code_verifier, c.return_to, c.reconnects,
            null::text, (
                select coalesce(jsonb_agg(account_json(a)), '[]')
                from social_accounts a
                where a.owner_id = c.owner_id and a.platform = c.platform
            )
        from consumed c;
    if found then
        return;
    end if;
    return query
        select
            case
                when s.expires_at <= social_now() and s.consumed_at is not null then 'used'
                when s.expires_at <= social_now() then 'expired'
                when s.cookie_hash <> cookie then 'other_browser'
                when s.landed is not null then 'landed'
                else 'under_way'
            end,
            s.id, s.owner_id, s.platform, s.redirect_uri, null::text, s.return_to, s.reconnects, s.landed, '[]'::jsonb
        from oauth_states s
        where s.state_hash = hash;
end $$;
