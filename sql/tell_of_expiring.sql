-- Tells once of each active account whose grant ends within `seconds`, and which nothing but its owner can renew.
create or replace function tell_of_expiring(seconds float8)
returns void
language plpgsql
as $$
declare
    told record;
begin
    perform set_config('social.worker', 'on', true);
    if not exists (select from webhook_endpoints) then
        return;
    end if;
    for told in
        with expiring as (
            select a.id, ends.at
            from social_accounts a
            cross join lateral (
                select coalesce(
                    a.refresh_expires_at, case when a.refresh_token is null then a.token_expires_at end
                ) as at
            ) ends
            where a.status = 'active' and ends.at <= social_now() + make_interval(secs => seconds)
                and a.told_expiring is distinct from ends.at
            order by ends.at
            limit 100
            for no key update of a skip locked
        )
        update social_accounts a set told_expiring = e.at from expiring e where a.id = e.id
        returning a.id, a.owner_id, a.platform, a.username, e.at
    loop
        perform tell(
            'account.expiring', told.owner_id, told.id,
            jsonb_build_object(
                'ownerId', told.owner_id, 'accountId', told.id, 'platform', told.platform, 'username', told.username,
                'expiresAt', to_char(told.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            )
        );
    end loop;
end $$;
