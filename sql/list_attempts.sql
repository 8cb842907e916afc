-- The calls made for an owner's post, oldest first. One row without a call: none was made. No row: there is no such post.
drop function if exists list_attempts(text, uuid);
create or replace function list_attempts(owner text, post uuid)
returns table (
    result_id uuid, at timestamptz, step text, effect text, outcome text, http_status integer, platform_code text,
    log_id text, first_byte bigint, bytes bigint, checksum text, duration_ms bigint,
    request_id text
)
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    return query
        select a.result_id, a.at, a.step, a.effect, a.outcome, a.http_status, a.platform_code, a.log_id, a.first_byte,
            a.bytes, a.checksum, a.duration_ms, a.request_id
        from social_posts p
        left join publish_attempts a on a.post_id = p.id and a.owner_id = owner
        where p.id = post and p.owner_id = owner
        order by a.id;
end $$;
