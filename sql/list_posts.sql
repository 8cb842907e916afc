-- An owner's posts, newest first, from before the post `before`, at most `most`.
create or replace function list_posts(owner text, before uuid, most bigint)
returns setof jsonb
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    return query
        select post_json(owner, page.id)
        from (
            select p.id from social_posts p
            where p.owner_id = owner and (before is null or p.id < before)
            order by p.id desc
            limit most
        ) page
        order by page.id desc;
end $$;
