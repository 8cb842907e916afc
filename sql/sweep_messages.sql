-- Forgets messages that were delivered a week ago, or written thirty days ago, up to `most`; and endpoints that no worker
-- has had in its settings for thirty days.
create or replace function sweep_messages(most integer)
returns void
language plpgsql
as $$
declare
    is_worker text := set_config('social.worker', 'on', true);
begin
    delete from webhook_messages m
    where m.id in (
        select old.id from webhook_messages old
        where old.created_at < social_now() - interval '7 days'
            and (old.delivered_at is not null or old.created_at < social_now() - interval '30 days')
        order by old.created_at
        limit most
        for update skip locked
    );
    delete from webhook_endpoints e
    where e.seen_at < social_now() - interval '30 days'
        and not exists (select from webhook_messages m where m.endpoint = e.url_hash);
end $$;
