-- Postgres reads the text of every check again in each statement that writes a row. A list in one constant is half as long
-- as one of several, so a claim and a save cost less. The checks say the same as before.
alter table post_results
    drop constraint state_is_known,
    drop constraint under_way_has_a_step,
    drop constraint under_way_is_due,
    drop constraint over_is_not_due,
    drop constraint reason_is_known,
    drop constraint failed_has_a_code,
    add constraint state_is_known check (state = any (
        '{queued, held, publishing, processing, published, delivered_to_inbox, in_doubt, failed, cancelled, expired}'::text[]
    )),
    add constraint under_way_has_a_step check (state <> all ('{publishing, processing}'::text[]) or step is not null),
    add constraint under_way_is_due check (state <> all ('{queued, publishing, processing}'::text[]) or due_at is not null),
    add constraint over_is_not_due check (state <> all ('{in_doubt, failed, cancelled, expired}'::text[]) or due_at is null),
    add constraint reason_is_known check (held_reason = any ('{needs_reconnect, rate_limit, quota}'::text[])),
    add constraint failed_has_a_code check (state <> all ('{failed, in_doubt, expired}'::text[]) or error_code is not null);

alter table publish_attempts
    drop constraint effect_is_known,
    add constraint effect_is_known check (effect = any ('{read, idempotent, once}'::text[]));
