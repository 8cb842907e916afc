-- Lets an account's waiting results go on: from where they were, or from the beginning. Sees whoever's rows its caller
-- sees.
create or replace function release_results(account uuid)
returns void
language plpgsql
as $$
begin
    update post_results r
    set state = case when r.step is null then 'queued' when r.committed then 'processing' else 'publishing' end,
        held_reason = null, failures = 0, rejected_version = null, error_code = null, error_message = null,
        due_at = (
            select greatest(p.publish_at, social_now()) from social_posts p where p.id = r.post_id
        ),
        updated_at = social_now()
    where r.account_id = account and r.state = 'held' and r.held_reason = 'needs_reconnect';
end $$;
