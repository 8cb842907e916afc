-- The smallest queue that could do: a key, a state, a time, a lease, a payload, and one partial index.
create table jobs (
    id bigint generated always as identity primary key,
    state text not null default 'queued',
    due_at timestamptz default now(),
    lease_token uuid,
    payload jsonb not null default '{}'
);
create index jobs_due on jobs (due_at, id) where due_at is not null;
