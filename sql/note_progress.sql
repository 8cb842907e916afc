-- Says how many bytes a call under way has handed over, while its lease holds.
create or replace function note_progress(result uuid, lease uuid, sent bigint)
returns void
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    update post_results r set bytes_sent = sent, updated_at = social_now()
    where r.id = result and r.lease_token = lease;
end $$;
