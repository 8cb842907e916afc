-- Puts results back as they are, while one lease holds them: they are due again after some seconds.
create or replace function put_back(results uuid[], lease uuid, after float8)
returns void
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    update post_results r
    set lease_token = null, due_at = social_now() + make_interval(secs => after), updated_at = social_now()
    where r.id = any (results) and r.lease_token = lease;
end $$;
