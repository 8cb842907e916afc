-- Tells once of each active account whose grant ends within `seconds`, and which nothing but its owner can renew.
create or replace function tell_of_expiring(seconds float8)
returns void
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    if not exists (select from webhook_endpoints) then
        return;
    end if;
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
    ),
    told as (
        update social_accounts a set told_expiring = e.at from expiring e where a.id = e.id
        returning a.id, a.owner_id, a.platform, a.username, e.at
    )
    insert into webhook_messages (id, endpoint, owner_id, subject, type, data, created_at, due_at)
    select gen_random_uuid(), e.url_hash, t.owner_id, t.id, 'account.expiring',
        jsonb_strip_nulls(jsonb_build_object(
            'ownerId', t.owner_id, 'accountId', t.id, 'platform', t.platform, 'username', t.username,
            'expiresAt', to_char(t.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        )),
        social_now(), case when e.disabled_at is null then social_now() end
    from told t
    cross join webhook_endpoints e;
end $$;
