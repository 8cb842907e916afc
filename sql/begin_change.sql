-- Begins a change of an owner's post: locks the post until the end of the transaction. `change` names the call, so that
-- a second one with the same name finds what the first did. Returns `open` if the change is to be made, `done` if it was
-- made before, and `unknown` if the owner has no such post.
create or replace function begin_change(owner text, post uuid, change uuid)
returns text
language plpgsql
as $$
declare
    standing text;
begin
    select case when p.last_change = change then 'done' else 'open' end into standing
    from social_posts p
    where p.id = post and p.owner_id = owner
    for no key update;
    return coalesce(standing, 'unknown');
end $$;
