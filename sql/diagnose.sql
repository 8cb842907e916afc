-- What an operator asks about this session and its role, and what needs a person. `unprotected` lists the tables with
-- owners that lack forced row level security. `inherited`: a setting of another call is still here.
drop function if exists diagnose();
create or replace function diagnose()
returns table (
    clock timestamptz, role_name text, is_superuser boolean, bypasses boolean, owns_tables boolean, unprotected text[],
    process integer, inherited boolean, in_doubt bigint, needs_reconnect bigint,
    held_by_rate_limit bigint, held_by_quota bigint, waiting_messages bigint, disabled_endpoints bigint
)
language plpgsql
as $$
begin
    inherited := coalesce(current_setting('social.owner', true), '') <> ''
        or coalesce(current_setting('social.worker', true), '') <> '';
    perform set_config('social.worker', 'on', true);
    clock := social_now();
    process := pg_backend_pid();
    select r.rolname, r.rolsuper, r.rolbypassrls into role_name, is_superuser, bypasses
    from pg_roles r where r.rolname = current_user;
    select coalesce(bool_or(pg_get_userbyid(t.relowner) = current_user), false),
        coalesce(array_agg(t.relname::text order by t.relname)
            filter (where not (t.relrowsecurity and t.relforcerowsecurity)), '{}')
    into owns_tables, unprotected
    from pg_class t
    join pg_attribute a on a.attrelid = t.oid and a.attname = 'owner_id' and not a.attisdropped
    where t.relkind = 'r' and t.relnamespace = current_schema()::regnamespace;
    select count(*) into in_doubt from post_results r where r.state = 'in_doubt';
    select count(*) filter (where r.held_reason = 'needs_reconnect'),
        count(*) filter (where r.held_reason = 'rate_limit'), count(*) filter (where r.held_reason = 'quota')
    into needs_reconnect, held_by_rate_limit, held_by_quota
    from post_results r where r.state = 'held';
    select count(*) into waiting_messages from webhook_messages m where m.due_at is not null;
    select count(*) into disabled_endpoints from webhook_endpoints e where e.disabled_at is not null;
    return next;
end $$;
