-- Finishes a change of an owner's post that `begin_change` began: the post has a new version, the call is known by its
-- name, and the audit trail has an entry. `result`: the one that was changed, if the action names one. Returns `done`.
create or replace function finish_change(
    owner text, post uuid, change uuid, action text, origin jsonb, result uuid default null
)
returns text
language plpgsql
as $$
begin
    update social_posts p set version = p.version + 1, last_change = change, updated_at = social_now()
    where p.id = post and p.owner_id = owner;
    perform note_change(owner, action, origin, post => post, result => result);
    return 'done';
end $$;
