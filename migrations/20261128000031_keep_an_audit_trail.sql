-- Who changed what, when, and from where. A row is written by the function that makes the change, so in its transaction.
create table social_audit (
    -- Begins with the milliseconds of `at` (UUIDv7), so that lists page by it.
    id uuid primary key,
    owner_id text not null,
    at timestamptz not null,
    action text not null,
    -- The user, support, or the platform itself.
    actor text not null,
    account_id uuid,
    post_id uuid,
    result_id uuid,
    address text,
    user_agent text,
    constraint owner_is_named check (owner_id <> ''),
    constraint actor_is_known check (actor in ('user', 'support', 'platform')),
    constraint user_agent_is_short check (octet_length(user_agent) <= 200)
);

create index social_audit_by_owner on social_audit (owner_id, id);

alter table social_audit enable row level security;
alter table social_audit force row level security;
create policy owner_or_worker on social_audit using (
    owner_id = current_setting('social.owner', true) or current_setting('social.worker', true) = 'on'
);

-- Who may write results must be able to note changes.
do $$
declare
    writer name;
begin
    for writer in
        select distinct g.grantee::regrole::name
        from pg_class c, aclexplode(c.relacl) g
        where c.oid = 'post_results'::regclass and g.privilege_type = 'UPDATE' and g.grantee not in (0, c.relowner)
    loop
        execute format('grant select, insert, update, delete on social_audit to %I', writer);
    end loop;
end $$;
