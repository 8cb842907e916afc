-- How many calls of a kind an owner has made lately: `full_at` is when the owner may make as many as ever again.
create table owner_rates (
    owner_id text not null,
    action text not null,
    full_at timestamptz not null,
    primary key (owner_id, action),
    constraint owner_is_named check (owner_id <> '')
);

alter table owner_rates enable row level security;
alter table owner_rates force row level security;
create policy owner_or_worker on owner_rates using (
    owner_id = current_setting('social.owner', true) or current_setting('social.worker', true) = 'on'
);

-- Whoever may use the posts may use this table. So an upgrade needs no new grant.
do $$
declare
    granted record;
begin
    for granted in
        select g.grantee, g.privilege_type
        from information_schema.role_table_grants g
        where g.table_schema = current_schema() and g.table_name = 'social_posts' and g.grantee <> current_user
            and g.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    loop
        execute format(
            'grant %s on owner_rates to %s', granted.privilege_type,
            case when granted.grantee = 'PUBLIC' then 'public' else quote_ident(granted.grantee) end
        );
    end loop;
end $$;
