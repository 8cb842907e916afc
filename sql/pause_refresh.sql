-- Gives the right to refresh back, unused, and lets nobody have it for some seconds.
create or replace function pause_refresh(owner text, account uuid, lease uuid, pause float8)
returns void
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    update social_accounts a
    set refresh_lease = null, refresh_leased_until = null,
        refresh_paused_until = social_now() + make_interval(secs => pause)
    where a.id = account and a.owner_id = owner and a.refresh_lease = lease;
end $$;
