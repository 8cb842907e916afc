-- What holds for every row of `post_results`. The error of a row that breaks a rule has the rule's name as its constraint.
--
-- One function, because Postgres reads the text of each check again in every statement that writes a row. A new rule is not
-- applied to the rows that are there.
create or replace function result_is_sound(
    owner_id text, state text, due_at timestamptz, step text, checkpoint text, in_flight boolean, committed boolean,
    recallable boolean, failures integer, held_reason text, error_code text, published_at timestamptz
)
returns boolean
language plpgsql immutable
as $$
declare
    broken text := case
        when owner_id = '' then 'owner_is_named'
        when not state = any (
            '{queued, held, publishing, processing, published, delivered_to_inbox, in_doubt, failed, cancelled, expired}'::text[]
        ) then 'state_is_known'
        when state = 'queued' and step is not null then 'queued_has_not_begun'
        when state = any ('{publishing, processing}'::text[]) and step is null then 'under_way_has_a_step'
        when state = any ('{queued, publishing, processing}'::text[]) and due_at is null then 'under_way_is_due'
        when state = any ('{in_doubt, failed, cancelled, expired}'::text[]) and due_at is not null then 'over_is_not_due'
        when state = any ('{failed, in_doubt, expired}'::text[]) and error_code is null then 'failed_has_a_code'
        when (state = 'published') <> (published_at is not null) then 'published_has_a_time'
        when (state = 'held') <> (held_reason is not null) then 'held_has_a_reason'
        when not held_reason = any ('{needs_reconnect, rate_limit, quota}'::text[]) then 'reason_is_known'
        when (step is null) <> (checkpoint is null) then 'step_has_its_checkpoint'
        when in_flight and (step is null or due_at is null) then 'in_flight_is_leased'
        when recallable and not committed then 'recallable_is_committed'
        when failures < 0 then 'failures_count'
    end;
begin
    if broken is null then
        return true;
    end if;
    raise exception using
        errcode = 'check_violation', schema = 'public', table = 'post_results', constraint = broken,
        message = format('a result violates the rule %s', broken);
end $$;
