-- Tells of a result's new state, and of a link that is found later, in the transaction that saves it. What was published
-- stays published, whatever a late worker, a webhook or a hand says.
--
-- One trigger after the update, without a condition. Before an update, Postgres locks each row once more for its triggers, and
-- logs the lock. It reads the text of a condition again in each statement.
create or replace function tell_of_result()
returns trigger
language plpgsql
as $$
begin
    if old.state = 'published' and new.state <> 'published' then
        raise exception 'result % is published and stays so', old.id using errcode = 'check_violation';
    end if;
    if new.state <> all ('{published, failed, held, in_doubt, delivered_to_inbox, expired}'::text[])
        or new.state = old.state and not (
            new.state = 'published' and old.platform_url is null and new.platform_url is not null
        )
    then
        return null;
    end if;
    if not exists (select from webhook_endpoints) then
        return null;
    end if;
    perform tell(
        'result.' || case
            when new.state = old.state then 'linkFound'
            when new.state = 'in_doubt' then 'inDoubt'
            when new.state = 'delivered_to_inbox' then 'deliveredToInbox'
            else new.state
        end,
        new.owner_id, new.id,
        jsonb_build_object(
            'ownerId', new.owner_id, 'postId', new.post_id, 'resultId', new.id, 'accountId', new.account_id,
            'platform', new.platform,
            'externalId', (select p.external_id from social_posts p where p.id = new.post_id),
            'platformPostId', new.platform_post_id, 'platformUrl', new.platform_url,
            'heldReason', case new.held_reason
                when 'needs_reconnect' then 'needsReconnect' when 'rate_limit' then 'rateLimit' else new.held_reason
            end,
            'error', case when new.error_code is not null then
                jsonb_build_object('code', new.error_code, 'message', new.error_message)
            end
        )
    );
    return null;
end $$;

drop trigger if exists published_is_final on post_results;
drop function if exists post_results_published_is_final();
drop trigger if exists tell_of_result on post_results;
create trigger tell_of_result after update of state, platform_url on post_results
for each row execute function tell_of_result();
