-- Changes a post of which nothing has begun, or of which what was begun has failed; what is null stays. What has failed
-- stays so until it is retried; what is published keeps a post from everything but another address for the video.
--
-- Returns `done` with the post, `unknown`, or why it is refused: `version_conflict` or `already_begun`.
create or replace function edit_post(
    owner text, post uuid, change uuid, seen_version bigint, url text, says text, heading text, at timestamptz,
    lateness bigint
)
returns table (outcome text, shown jsonb)
language plpgsql
as $$
declare
    waiting bigint;
    failed bigint;
    cancelled bigint;
    published bigint;
    unwatched bigint;
    all_of_it bigint;
    is_address_only boolean := says is null and heading is null and at is null and lateness is null;
begin
    perform set_config('social.owner', owner, true);
    outcome := begin_change(owner, post, change);
    if outcome = 'open' then
        begin
            -- Takes every result of the post from the queue's reach at once, or none.
            update post_results r
            set expires_at = case when at is null and lateness is null then r.expires_at else lapse.moment end,
                -- A turn that was given is kept, unless another time is wanted.
                slot_at = case when at is null then r.slot_at end, updated_at = social_now(),
                due_at = case
                    when r.state = 'queued' then coalesce(at, r.due_at)
                    when r.held_reason = 'needs_reconnect' then
                        case when at is null and lateness is null then r.expires_at else lapse.moment end
                    else greatest(r.due_at, coalesce(at, r.due_at))
                end
            from (
                select coalesce(at, p.publish_at) + make_interval(secs => coalesce(lateness, p.max_lateness)) as moment
                from social_posts p
                where p.id = post and p.owner_id = owner
            ) lapse
            where r.post_id = post and r.owner_id = owner and r.step is null and r.lease_token is null
                and r.state in ('queued', 'held');
            get diagnostics waiting = row_count;
            -- Nobody looks at the unwatched any more, so nobody needs the video as it was.
            select count(*), count(*) filter (where r.state in ('failed', 'expired')),
                count(*) filter (where r.state = 'cancelled'),
                count(*) filter (where r.state in ('published', 'delivered_to_inbox')),
                count(*) filter (where r.state in ('published', 'delivered_to_inbox') and r.due_at is null
                    and r.lease_token is null)
            into all_of_it, failed, cancelled, published, unwatched
            from post_results r
            where r.post_id = post and r.owner_id = owner;
            update social_posts p
            set video = case when url is null then p.video end, video_url = coalesce(url, p.video_url),
                caption = coalesce(says, p.caption), title = coalesce(heading, p.title),
                publish_at = coalesce(at, p.publish_at), max_lateness = coalesce(lateness, p.max_lateness),
                version = p.version + 1, last_change = change, updated_at = social_now()
            where p.id = post and p.owner_id = owner and p.version = seen_version;
            if not found then
                outcome := 'version_conflict';
            elsif waiting + failed = 0 or all_of_it - failed - cancelled <> waiting + published
                or (published > 0 and not (is_address_only and published = unwatched)) then
                outcome := 'already_begun';
            else
                outcome := 'done';
            end if;
            -- What is refused changes nothing.
            if outcome <> 'done' then
                raise exception using errcode = 'SP409', message = outcome;
            end if;
        exception when sqlstate 'SP409' then
            -- The outcome stays.
            null;
        end;
    end if;
    if outcome = 'done' then
        shown := post_json(owner, post);
    end if;
    return next;
end $$;
