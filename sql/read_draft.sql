-- An owner's post, null if there is none, and the accounts of its results: what an edit is checked against.
create or replace function read_draft(owner text, post uuid)
returns table (shown jsonb, accounts jsonb)
language plpgsql
as $$
begin
    perform set_config('social.owner', owner, true);
    return query
        select post_json(owner, post), (
            select coalesce(jsonb_agg(account_json(a)), '[]')
            from social_accounts a
            where a.owner_id = owner
                and a.id in (select r.account_id from post_results r where r.post_id = post and r.owner_id = owner)
        );
end $$;
