-- An owner's post with its results, in the order they were asked for, as the program reads it; null if there is none.
-- Times are microseconds since 1970. Sees whoever's rows its caller sees.
create or replace function post_json(owner text, post uuid)
returns jsonb
language plpgsql stable
as $$
begin
    return (
        select jsonb_build_object(
            'id', p.id, 'owner_id', p.owner_id, 'video_url', p.video_url, 'caption', p.caption, 'title', p.title,
            'publish_at', (extract(epoch from p.publish_at) * 1000000)::bigint, 'max_lateness', p.max_lateness,
            'external_id', p.external_id, 'ai_generated', p.ai_generated, 'version', p.version,
            'created_at', (extract(epoch from p.created_at) * 1000000)::bigint,
            'updated_at', (extract(epoch from p.updated_at) * 1000000)::bigint, 'state', post_state(owner, p.id),
            'results', (
                select coalesce(jsonb_agg(jsonb_build_object(
                    'id', r.id, 'account_id', r.account_id, 'platform', r.platform, 'caption', r.caption,
                    'options', r.options, 'consent', r.consent, 'state', r.state,
                    'due_at', (extract(epoch from r.due_at) * 1000000)::bigint,
                    'leased', r.lease_token is not null, 'lapses', coalesce(r.due_at >= r.expires_at, false),
                    'step', r.step, 'publish_id', r.publish_id, 'platform_post_id', r.platform_post_id,
                    'platform_url', r.platform_url, 'bytes_sent', r.bytes_sent, 'bytes_total', r.bytes_total,
                    'held_reason', r.held_reason, 'error_code', r.error_code, 'error_message', r.error_message,
                    'cancellable', not (r.in_flight and (r.committed or r.recall_requested))
                        and case
                            when r.committed then r.recallable and not r.recall_requested
                                and r.state in ('processing', 'held')
                            else r.state in ('queued', 'publishing', 'held')
                        end,
                    'published_at', (extract(epoch from r.published_at) * 1000000)::bigint
                ) order by r.id), '[]')
                from post_results r
                where r.post_id = p.id and r.owner_id = owner
            )
        )
        from social_posts p
        where p.id = post and p.owner_id = owner
    );
end $$;
