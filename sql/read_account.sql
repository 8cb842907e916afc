-- An owner's account with its grant; no row if there is none. The tokens are null unless the account is active. A token
-- that ends within `margin` seconds dies soon. `lasted` is how long ago the account was connected, in seconds.
--
-- `is_shared`, if `asks_others`: others, of whatever owner, live on the permission behind it: by the person who gave it at the platform, or
-- because they are the same account there. This alone is looked for among all owners' accounts.
drop function if exists read_account(text, uuid, float8, boolean);
create or replace function read_account(owner text, wanted uuid, margin float8, asks_others boolean)
returns table (
    account jsonb, access_token text, refresh_token text, token_version bigint, dies_soon boolean, granted_by text,
    lasted float8, is_paused boolean, is_shared boolean, refresh_version bigint
)
language plpgsql
as $$
declare
    mine social_accounts;
begin
    perform set_config('social.owner', owner, true);
    select a.* into mine from social_accounts a where a.id = wanted and a.owner_id = owner;
    if mine.id is null then
        return;
    end if;
    is_shared := false;
    if asks_others then
        perform set_config('social.worker', 'on', true);
        is_shared := exists (
            select from social_accounts a
            where a.platform = mine.platform and a.id <> mine.id and a.status <> 'disconnected'
                and (a.account_id = mine.account_id or a.granted_by = mine.granted_by)
        );
        perform set_config('social.worker', 'off', true);
    end if;
    account := account_json(mine);
    access_token := case when mine.status = 'active' then mine.access_token end;
    refresh_token := case when mine.status = 'active' then mine.refresh_token end;
    token_version := mine.token_version;
    dies_soon := coalesce(mine.token_expires_at <= social_now() + make_interval(secs => margin), false);
    granted_by := mine.granted_by;
    lasted := extract(epoch from social_now() - mine.connected_at)::float8;
    refresh_version := mine.refresh_version;
    is_paused := coalesce(mine.refresh_paused_until > social_now(), false);
    return next;
end $$;
