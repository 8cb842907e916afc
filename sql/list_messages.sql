-- Messages of every endpoint, newest first, from before the message `before`, at most `most`. Each condition that is not
-- null must hold: the message is in one of `states`, tells of one of `accounts`, tells of one of `results`.
--
-- What no attempt is planned for and nobody has taken has failed: only a redelivery sends it again.
create or replace function list_messages(
    before uuid, most bigint, states text[] default null, accounts uuid[] default null, results uuid[] default null
)
returns table (
    id uuid, host text, kind text, sequence bigint, owner_id text, account_id uuid, post_id uuid, result_id uuid,
    state text, created_at timestamptz, attempts integer, last_status integer, last_problem text, due_at timestamptz,
    delivered_at timestamptz
)
language plpgsql
as $$
#variable_conflict use_column
declare
    is_worker text := set_config('social.worker', 'on', true);
    last_seen record;
begin
    -- A cursor that was deleted ends the list: all that is left is as old.
    select m.created_at, m.sequence into last_seen from webhook_messages m where m.id = before;
    return query
        select m.id, e.host, m.type, m.sequence, m.owner_id, (m.data ->> 'accountId')::uuid, (m.data ->> 'postId')::uuid,
            (m.data ->> 'resultId')::uuid, s.state, m.created_at,
            m.failures + case when m.delivered_at is null then 0 else 1 end, m.last_status, m.last_problem, m.due_at,
            m.delivered_at
        from webhook_messages m
        join webhook_endpoints e on e.url_hash = m.endpoint
        cross join lateral (
            select case
                when m.delivered_at is not null then 'delivered'
                when m.due_at is not null then 'waiting'
                else 'failed'
            end as state
        ) s
        where (before is null or (m.created_at, m.sequence) < (last_seen.created_at, last_seen.sequence))
            and (states is null or s.state = any (states))
            and (accounts is null or (m.data ->> 'accountId')::uuid = any (accounts))
            and (results is null or m.subject = any (results))
        order by m.created_at desc, m.sequence desc
        limit most;
end $$;
