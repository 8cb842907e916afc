-- Notes what the video was when first seen; the first to see it decides, for all results of the post. Returns what was
-- decided; null: the post's URL was changed meanwhile, so this is not its video.
create or replace function pin_video(owner text, post uuid, url text, found_video jsonb)
returns jsonb
language plpgsql
as $$
declare
    pinned jsonb;
begin
    perform set_config('social.owner', owner, true);
    update social_posts p set video = coalesce(p.video, found_video)
    where p.id = post and p.owner_id = owner and p.video_url = url
    returning p.video into pinned;
    return pinned;
end $$;
