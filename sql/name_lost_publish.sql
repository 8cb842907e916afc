-- A call that began to publish was sent, and its answer with the publish id was lost. If the platform now tells of a
-- publish that nobody knows, and just one result of the account lacks its own, it is that one's. With two, nobody can
-- tell; and of failures it is not believed, because what failed is tried again. Sees whoever's rows its caller sees.
create or replace function name_lost_publish(on_platform text, remote_id text, publish text, told_at timestamptz)
returns void
language plpgsql
as $$
begin
    with lost as materialized (
        select r.id
        from post_results r
        join social_accounts a on a.id = r.account_id
        join social_posts p on p.id = r.post_id
        where a.platform = on_platform and a.account_id = remote_id and r.publish_id is null
            and (r.state = 'in_doubt' or r.in_flight)
            and told_at between greatest(p.publish_at, r.created_at) - interval '5 minutes'
                and r.updated_at + interval '1 day'
        for no key update of r
    )
    update post_results r set publish_id = publish
    from lost
    where r.id = lost.id and (select count(*) from lost) = 1
        and not exists (select from post_results known where known.publish_id = publish);
end $$;
