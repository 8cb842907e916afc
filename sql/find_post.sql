-- The post of an owner's result; null if there is none.
create or replace function find_post(owner text, result uuid)
returns uuid
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    return (select r.post_id from post_results r where r.id = result and r.owner_id = owner);
end $$;
