-- An owner's post; null if there is none.
create or replace function read_post(owner text, post uuid)
returns jsonb
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    return post_json(owner, post);
end $$;
