-- Keeps where the first visit went, for those that follow. The verifier has served. Returns where the visit lands: what
-- was kept before stays, because it was kept with what the callback connected.
create or replace function land_state(owner text, hash bytea, landing text)
returns text
language plpgsql
as $$
declare
    kept text;
begin
    perform set_config('social.owner', owner, true);
    update oauth_states s set landed = coalesce(s.landed, landing), code_verifier = null
    where s.state_hash = hash and s.owner_id = owner and s.consumed_at is not null
    returning s.landed into kept;
    return kept;
end $$;
