-- What was sent of a result's video since the result last took its turn to begin, in the order of the calls.
create or replace function list_sent(post uuid, result uuid)
returns table (first bigint, bytes bigint, checksum text)
language plpgsql
as $$
#variable_conflict use_column
begin
    perform set_config('social.worker', 'on', true);
    return query
        select a.first_byte, a.bytes, a.checksum
        from publish_attempts a
        join post_results r on r.id = a.result_id
        where a.post_id = post and a.result_id = result and a.checksum is not null and a.at >= r.slot_at
        order by a.id;
end $$;
