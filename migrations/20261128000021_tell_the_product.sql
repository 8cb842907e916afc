-- Outgoing webhooks: which endpoints there are, and the messages for them. A message goes to one endpoint, and its row is
-- written by the transaction that it tells of.

-- An endpoint's URL may hold a secret, so it is known by its hash. `host` is for people.
create table webhook_endpoints (
    url_hash bytea primary key,
    host text not null,
    -- When a worker last had it in its settings.
    seen_at timestamptz not null,
    failing_since timestamptz,
    disabled_at timestamptz,
    constraint url_hash_is_a_sha256 check (octet_length(url_hash) = 32)
);

create table webhook_messages (
    id uuid primary key,
    -- Grows with each message of a result: its row is locked while it is told of.
    sequence bigint generated always as identity,
    endpoint bytea not null references webhook_endpoints (url_hash) on delete cascade,
    -- Null: it tells of the worker or of an endpoint.
    owner_id text,
    -- The result or the account that it tells of.
    subject uuid,
    type text not null,
    data jsonb not null,
    created_at timestamptz not null,
    -- Null: it is delivered or given up.
    due_at timestamptz,
    lease_token uuid,
    failures integer not null default 0,
    delivered_at timestamptz,
    last_status integer,
    last_problem text,
    constraint delivered_is_not_due check (delivered_at is null or due_at is null)
);

create index webhook_messages_due on webhook_messages (endpoint, due_at, sequence) where due_at is not null;
create index webhook_messages_by_age on webhook_messages (created_at);

-- The end of the grant that the product was told of.
alter table social_accounts add column told_expiring timestamptz;

alter table webhook_messages enable row level security;
alter table webhook_messages force row level security;
create policy owner_or_worker on webhook_messages using (
    owner_id = current_setting('social.owner', true) or current_setting('social.worker', true) = 'on'
);

-- Who may write results must be able to tell of them.
do $$
declare
    writer name;
begin
    for writer in
        select distinct g.grantee::regrole::name
        from pg_class c, aclexplode(c.relacl) g
        where c.oid = 'post_results'::regclass and g.privilege_type = 'UPDATE' and g.grantee not in (0, c.relowner)
    loop
        execute format('grant select, insert, update, delete on webhook_endpoints, webhook_messages to %I', writer);
    end loop;
end $$;
