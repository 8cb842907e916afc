-- Forgets what no longer tells a used state from an unknown one: states a day old, webhooks and idempotency keys a week
-- old.
create or replace function sweep()
returns void
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    delete from oauth_states where expires_at < social_now() - interval '1 day';
    delete from idempotency_keys where created_at < social_now() - interval '7 days';
    delete from received_webhooks where received_at < social_now() - interval '7 days';
end $$;
