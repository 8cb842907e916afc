-- What platforms after TikTok need. One person's permission may open several accounts, and giving it back ends them
-- all; some tokens are renewed by their age. A post may say that its video was made by AI.

alter table social_accounts
    add column granted_by text,
    add column token_obtained_at timestamptz not null default '-infinity';

-- Who else lives on the same permission.
create index social_accounts_by_grantor on social_accounts (platform, granted_by) where granted_by is not null;

alter table social_posts add column ai_generated boolean;

-- When a wait is over: so many seconds from now, or from the next midnight of a time zone. Quotas are counted by the
-- calendar of the platform's home, summer time and all, which this database knows.
create function social_after(seconds double precision, midnight_in text) returns timestamptz
language sql volatile parallel safe
as $$
    select make_interval(secs => seconds) + case
        when midnight_in is null then social_now()
        else (date_trunc('day', social_now() at time zone midnight_in) + interval '1 day') at time zone midnight_in
    end
$$;
