-- The schema's version: the newest migration that was applied. The owner of the tables reads it on behalf of the product's
-- role, which has no right to the migrations' table.
create or replace function schema_version()
returns bigint
language plpgsql stable security definer set search_path from current
as $$
declare
    version bigint;
begin
    -- Named with its schema, so that no temporary table of the session can stand in its place.
    execute format('select max(m.version) from %I._sqlx_migrations m where m.success', current_schema()) into version;
    return version;
end $$;
