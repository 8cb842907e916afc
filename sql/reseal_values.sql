-- Puts newly encrypted values in the place of the same values, unless they were replaced meanwhile: the checkpoints of
-- `results`, or the verifiers of `states`. Returns the rows written.
create or replace function reseal_values(kind text, ids uuid[], olds text[], news text[])
returns setof uuid
language plpgsql
as $$
begin
    perform set_config('social.worker', 'on', true);
    if kind = 'results' then
        return query
            update post_results r set checkpoint = anew.value
            from unnest(ids, olds, news) as anew (id, old, value)
            where r.id = anew.id and r.checkpoint = anew.old
            returning r.id;
    elsif kind = 'states' then
        return query
            update oauth_states s set code_verifier = anew.value
            from unnest(ids, olds, news) as anew (id, old, value)
            where s.id = anew.id and s.code_verifier = anew.old
            returning s.id;
    end if;
end $$;
