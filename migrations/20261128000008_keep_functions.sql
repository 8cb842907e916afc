-- The database's functions stand in `sql/`, one file each. `migrate` applies those whose text has changed, and notes
-- here which text that was.
create table applied_functions (
    name text primary key,
    sha256 bytea not null,
    applied_at timestamptz not null,
    constraint hash_is_a_sha256 check (octet_length(sha256) = 32)
);
