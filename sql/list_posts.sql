-- An owner's posts, newest first, from before the post `before`, at most `most`. Each condition that is not null must
-- hold: the post is in one of `states`, has a result on one of `accounts`, says `needle` somewhere, is to be published
-- at or after `since` and before `until`.
--
-- With `bytes`, the page ends before the post that would exceed them, but never before the first. A null at its end says
-- that there are more.
drop function if exists list_posts(text, uuid, bigint, text[], uuid[], text, timestamptz, timestamptz);
drop function if exists list_posts(text, uuid, bigint);
create or replace function list_posts(
    owner text, before uuid, most bigint, states text[] default null, accounts uuid[] default null,
    needle text default null, since timestamptz default null, until timestamptz default null, bytes bigint default null
)
returns setof jsonb
language plpgsql
as $$
declare
    one uuid;
    shown jsonb;
    nth bigint := 0;
    left_over bigint := bytes;
begin
    perform set_config('social.owner', owner, true);
    for one in
        select p.id from social_posts p
        where p.owner_id = owner and (before is null or p.id < before)
            and (since is null or p.publish_at >= since) and (until is null or p.publish_at < until)
            and (needle is null or position(lower(needle) in lower(concat_ws(e'\n', p.caption, p.title, p.external_id))) > 0)
            and (accounts is null or exists (
                select from post_results r
                where r.post_id = p.id and r.owner_id = owner and r.account_id = any (accounts)
            ))
            and (states is null or post_state(owner, p.id) = any (states))
        order by p.id desc
        limit most + case when bytes is null then 0 else 1 end
    loop
        shown := post_json(owner, one);
        left_over := left_over - octet_length(shown::text);
        if nth > 0 and (nth = most or left_over < 0) then
            return next null;
            return;
        end if;
        nth := nth + 1;
        return next shown;
    end loop;
end $$;
