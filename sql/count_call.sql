-- Counts a call of an owner. `per_minute` calls may come at once, and as many again in each minute; null: any number. One
-- more raises SP429, whose message is the seconds to wait. Sees whoever's rows its caller sees.
--
-- It is a token bucket, stored as the time at which it is full again.
create or replace function count_call(owner text, kind text, per_minute integer)
returns void
language plpgsql
as $$
declare
    clock timestamptz := social_now();
    gap interval;
    full_again timestamptz;
begin
    if per_minute is null then
        return;
    end if;
    gap := make_interval(secs => 60.0 / per_minute);
    insert into owner_rates as r (owner_id, action, full_at) values (owner, kind, clock + gap)
    on conflict (owner_id, action) do update set full_at = greatest(r.full_at, clock) + gap
    returning r.full_at into full_again;
    if full_again > clock + interval '1 minute' then
        -- The call is not counted: its transaction ends here.
        raise exception using errcode = 'SP429',
            message = ceil(extract(epoch from full_again - clock - interval '1 minute'))::text;
    end if;
end $$;
