-- Notes a change in the audit trail, in the transaction that makes it. `origin` has `actor`, and perhaps `address`,
-- `userAgent` and `requestId`; null: an older program makes the change for a user.
create or replace function note_change(
    owner text, action text, origin jsonb, account uuid default null, post uuid default null, result uuid default null
)
returns void
language plpgsql
as $$
declare
    clock timestamptz := social_now();
    ms text := lpad(to_hex((extract(epoch from clock) * 1000)::bigint), 12, '0');
begin
    insert into social_audit (id, owner_id, at, action, actor, account_id, post_id, result_id, address, user_agent, request_id)
    values (
        (substr(ms, 1, 8) || '-' || substr(ms, 9, 4) || '-7' || substr(gen_random_uuid()::text, 16))::uuid,
        owner, clock, action, coalesce(origin ->> 'actor', 'user'), account, post, result, origin ->> 'address',
        origin ->> 'userAgent', origin ->> 'requestId'
    );
end $$;
