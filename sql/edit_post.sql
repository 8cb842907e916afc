-- Changes a post of which nothing has begun, or of which what was begun has failed; what is null stays. What has failed
-- stays so until it is retried; what is published keeps a post from everything but another address for the video.
--
-- `drafts` are new captions, options and consents of single results, by `account`. Each result must wait or have failed;
-- what the others do is no matter to them.
--
-- `seen` are the accounts that the edit was checked against, as `create_post` takes them. Null: they were read just now.
--
-- Returns `done` with the post, `unknown`, `changed` if an account is not as it was seen, or why it is refused:
-- `already_begun`, or `version_conflict` with the post.
drop function if exists edit_post(text, uuid, uuid, bigint, text, text, text, timestamptz, bigint);
drop function if exists edit_post(text, uuid, uuid, bigint, text, text, text, timestamptz, bigint, jsonb);
drop function if exists edit_post(text, uuid, uuid, bigint, text, text, text, timestamptz, bigint, jsonb, jsonb);
create or replace function edit_post(
    owner text, post uuid, change uuid, seen_version bigint, url text, says text, heading text, at timestamptz,
    lateness bigint, drafts jsonb default null, origin jsonb default null, seen jsonb default null
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
    drafted bigint := 0;
    is_drafts_only boolean := drafts is not null and url is null and says is null and heading is null and at is null
        and lateness is null;
    is_address_only boolean := says is null and heading is null and at is null and lateness is null;
begin
    perform set_config('social.owner', owner, true);
    outcome := begin_change(owner, post, change);
    if outcome = 'open' and accounts_differ(owner, seen) then
        outcome := 'changed';
    end if;
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
            if drafts is not null then
                update post_results r
                set caption = n.caption, options = coalesce(n.options, 'null'), consent = n.consent,
                    updated_at = social_now()
                from jsonb_to_recordset(drafts) as n (account uuid, caption text, options jsonb, consent jsonb)
                where r.post_id = post and r.owner_id = owner and r.account_id = n.account and r.lease_token is null
                    and (r.state in ('failed', 'expired') or (r.state in ('queued', 'held') and r.step is null));
                get diagnostics drafted = row_count;
            end if;
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
            elsif drafted <> coalesce(jsonb_array_length(drafts), 0)
                or (not is_drafts_only and (
                    waiting + failed = 0 or all_of_it - failed - cancelled <> waiting + published
                    or (published > 0 and not (is_address_only and published = unwatched))
                )) then
                outcome := 'already_begun';
            else
                perform note_change(owner, 'edited', origin, post => post);
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
    if outcome in ('done', 'version_conflict') then
        shown := post_json(owner, post);
    end if;
    return next;
end $$;
