-- An owner's audit trail, newest first, from before the entry `before`, at most `most`.
drop function if exists list_changes(text, uuid, bigint);
create or replace function list_changes(owner text, before uuid, most bigint)
returns table (
    id uuid, at timestamptz, action text, actor text, account_id uuid, post_id uuid, result_id uuid, address text,
    user_agent text, request_id text
)
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    return query
        select a.id, a.at, a.action, a.actor, a.account_id, a.post_id, a.result_id, a.address, a.user_agent,
            a.request_id
        from social_audit a
        where a.owner_id = owner and (before is null or a.id < before)
        order by a.id desc
        limit most;
end $$;
