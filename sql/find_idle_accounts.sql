-- Active accounts that would die idle, at most so many: the sooner one would, the likelier it is among them. A refresh
-- token is used when it ends within a month, or, where its end is not told, when it has not been used for a month. The
-- tokens of the platforms `renewed` are their own refresh tokens, from an age in seconds on.
create or replace function find_idle_accounts(renewed text[], from_ages float8[], most integer)
returns table (id uuid, owner_id text, platform text)
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    return query
        select a.id, a.owner_id, a.platform
        from social_accounts a
        left join unnest(renewed, from_ages) as own (platform, from_age) on own.platform = a.platform
        where a.status = 'active' and (a.refresh_leased_until is null or a.refresh_leased_until <= social_now())
            and (a.refresh_paused_until is null or a.refresh_paused_until <= social_now())
            and case
                when own.platform is null then a.token_expires_at < social_now()
                    and a.token_obtained_at < social_now() - interval '1 day' and (
                    a.refresh_expires_at < social_now() + interval '30 days'
                    or (
                        a.refresh_token is not null and a.refresh_expires_at is null
                        and a.token_obtained_at < social_now() - interval '30 days'
                    )
                )
                else a.token_expires_at > social_now()
                    and a.token_obtained_at <= social_now() - make_interval(secs => own.from_age)
            end
        order by random() * greatest(coalesce(extract(epoch from
            case when own.platform is null then a.refresh_expires_at else a.token_expires_at end - social_now()
        ), 30 * 86400), 1)
        limit most;
end $$;
