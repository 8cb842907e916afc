-- The whole schema of the first version. Ids are UUIDv7, made by the functions. Times are decided by the
-- database: `social_now()` is the one clock of leases, due times and expiry, so that a function whose clock is
-- off does no harm. Tests replace that function to move time.

create function social_now() returns timestamptz
language sql volatile parallel safe
as 'select clock_timestamp()';

-- Accounts connected by their owners, with the sealed grant.
create table social_accounts (
    id uuid primary key,
    owner_id text not null,
    platform text not null,
    account_id text not null,
    client_id text not null,
    username text,
    access_token text,
    refresh_token text,
    token_expires_at timestamptz,
    refresh_expires_at timestamptz,
    scopes text[] not null default '{}',
    token_version bigint not null default 0,
    refresh_lease uuid,
    refresh_leased_until timestamptz,
    status text not null,
    account_metadata jsonb not null default '{}',
    next_start_at timestamptz not null default '-infinity',
    connected_at timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint owner_is_named check (owner_id <> ''),
    constraint platform_is_a_name check (platform ~ '^[a-z]{2,20}$'),
    constraint status_is_known check (status in ('active', 'needs_reconnect', 'disconnected')),
    constraint active_has_a_token check (status <> 'active' or access_token is not null),
    constraint disconnected_has_no_token
        check (status <> 'disconnected' or (access_token is null and refresh_token is null)),
    constraint refresh_lease_is_whole check ((refresh_lease is null) = (refresh_leased_until is null)),
    constraint one_row_per_account unique (owner_id, platform, account_id)
);

-- A webhook names an account by its id at the platform.
create index social_accounts_by_remote_id on social_accounts (platform, account_id);

-- Authorization requests under way: only the state's hash is kept, and a row is consumed once.
create table oauth_states (
    id uuid primary key,
    state_hash bytea not null,
    owner_id text not null,
    platform text not null,
    redirect_uri text not null,
    code_verifier text,
    cookie_hash bytea not null,
    return_to text not null,
    reconnects uuid references social_accounts (id) on delete cascade,
    expires_at timestamptz not null,
    consumed_at timestamptz,
    constraint owner_is_named check (owner_id <> ''),
    constraint state_is_a_sha256 check (octet_length(state_hash) = 32),
    constraint cookie_is_a_sha256 check (octet_length(cookie_hash) = 32),
    constraint one_row_per_state unique (state_hash)
);

create index oauth_states_by_expiry on oauth_states (expires_at);

-- What users asked for: one video and what to say with it. `video` is the file as first seen, with what the
-- probe found; it is null until somebody looked.
create table social_posts (
    id uuid primary key,
    owner_id text not null,
    video_url text not null,
    caption text not null,
    title text,
    publish_at timestamptz not null,
    external_id text,
    video jsonb,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint owner_is_named check (owner_id <> '')
);

create index social_posts_by_owner on social_posts (owner_id, id);

-- A post's life on one account, and the queue. `due_at` is when the row wants attention: while a worker holds
-- it, that is the end of the lease, so an expired lease needs no search of its own. `slot_at` is the row's
-- reserved turn among its account's own posts. `in_flight`: a call that may not be sent twice was sent, and nobody
-- said what came of it. `committed`: the platform may already hold all it needs to publish.
create table post_results (
    id uuid primary key,
    post_id uuid not null references social_posts (id) on delete cascade,
    owner_id text not null,
    account_id uuid not null references social_accounts (id),
    platform text not null,
    caption text,
    options jsonb not null,
    state text not null,
    due_at timestamptz,
    slot_at timestamptz,
    step text,
    checkpoint text,
    in_flight boolean not null default false,
    committed boolean not null default false,
    failures integer not null default 0,
    rejected_version bigint,
    lease_token uuid,
    publish_id text,
    platform_post_id text,
    platform_url text,
    bytes_sent bigint,
    bytes_total bigint,
    held_reason text,
    error_code text,
    error_message text,
    published_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint owner_is_named check (owner_id <> ''),
    constraint state_is_known check (state in (
        'queued', 'held', 'publishing', 'processing', 'published',
        'delivered_to_inbox', 'in_doubt', 'failed', 'cancelled', 'expired'
    )),
    constraint step_has_its_checkpoint check ((step is null) = (checkpoint is null)),
    constraint queued_has_not_begun check (state <> 'queued' or step is null),
    constraint under_way_has_a_step check (state not in ('publishing', 'processing') or step is not null),
    constraint under_way_is_due check (state not in ('queued', 'publishing', 'processing') or due_at is not null),
    constraint over_is_not_due check (state not in ('in_doubt', 'failed', 'cancelled', 'expired') or due_at is null),
    constraint held_has_a_reason check ((state = 'held') = (held_reason is not null)),
    constraint reason_is_known check (held_reason in ('needs_reconnect', 'rate_limit', 'quota')),
    constraint failed_has_a_code check (state not in ('failed', 'in_doubt', 'expired') or error_code is not null),
    constraint published_has_a_time check ((state = 'published') = (published_at is not null)),
    constraint in_flight_is_leased check (not in_flight or (step is not null and due_at is not null)),
    constraint failures_count check (failures >= 0),
    constraint one_result_per_account unique (post_id, account_id)
);

-- The queue itself: only rows that want attention, in the order they want it. Finished rows are not in it, so
-- claiming stays as cheap with millions of them.
create index post_results_due on post_results (due_at, id) where due_at is not null;
-- An account's unfinished rows, to hold or release them together.
create index post_results_open on post_results (account_id) where state in ('queued', 'held', 'publishing', 'processing');
-- A webhook names a publish.
create index post_results_by_publish_id on post_results (publish_id) where publish_id is not null;

-- What was published stays published, whatever a late worker, a webhook or a hand says.
create function post_results_published_is_final() returns trigger language plpgsql as $$
begin
    raise exception 'result % is published and stays so', old.id using errcode = 'check_violation';
end $$;

create trigger published_is_final before update on post_results
for each row when (old.state = 'published' and new.state <> 'published')
execute function post_results_published_is_final();

-- The ledger: one row per call.
create table publish_attempts (
    id bigint generated always as identity primary key,
    result_id uuid not null references post_results (id) on delete cascade,
    post_id uuid not null,
    owner_id text not null,
    at timestamptz not null,
    step text not null,
    effect text not null,
    outcome text not null,
    http_status integer,
    platform_code text,
    log_id text,
    bytes bigint,
    duration_ms bigint not null,
    constraint effect_is_known check (effect in ('read', 'idempotent', 'once'))
);

create index publish_attempts_by_post on publish_attempts (post_id, id);

-- A create request that was answered once is answered the same again.
create table idempotency_keys (
    owner_id text not null,
    key text not null,
    body_hash bytea not null,
    post_id uuid not null references social_posts (id) on delete cascade,
    created_at timestamptz not null,
    primary key (owner_id, key)
);

-- Webhooks as received, by the hash of their body. One for a publish we do not know yet waits here.
create table received_webhooks (
    body_hash bytea primary key,
    platform text not null,
    account_id text,
    event text not null,
    publish_id text,
    post_id text,
    received_at timestamptz not null,
    applied boolean not null
);

create index received_webhooks_waiting on received_webhooks (publish_id) where not applied;

-- The queue's rows are updated at every step: vacuum early, and leave room to update in place.
alter table post_results set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500, fillfactor = 80);

-- The second fence behind the explicit predicates of every query: a transaction sees the rows of the owner it
-- names, or all of them if it says it is the worker. It binds every role but superusers and BYPASSRLS.
do $$
declare
    fenced text;
begin
    foreach fenced in array array[
        'social_accounts', 'oauth_states', 'social_posts', 'post_results', 'publish_attempts', 'idempotency_keys'
    ] loop
        execute format('alter table %I enable row level security', fenced);
        execute format('alter table %I force row level security', fenced);
        execute format(
            'create policy owner_or_worker on %I using (
                owner_id = current_setting(''social.owner'', true)
                or current_setting(''social.worker'', true) = ''on''
            )',
            fenced
        );
    end loop;
end $$;
