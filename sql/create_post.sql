-- Makes a post with its results, once per id and once per idempotency key. `results` are objects: `id`, `account`,
-- `caption`, `options` and `consent`. `code` and `message` are for those whose accounts have no grant now. `key` and `hash` are null
-- for a request without a key. `origin` is for the audit trail.
--
-- `seen` are the accounts that the request was checked against: `account`, `status` and `scopes`. Null: it was checked by
-- `prepare_post` in this moment, which also counted it. `per_minute` is for `count_call`.
--
-- Returns `new` with the post, also when it was made before under this id; or what the key was used for; or `changed` if an
-- account is not as it was seen. Then nothing was made.
drop function if exists create_post(
    text, uuid, text, text, text, timestamptz, bigint, text, boolean, jsonb, text, text, text, bytea
);
create or replace function create_post(
    owner text, post uuid, video_url text, caption text, title text, publish_at timestamptz, max_lateness bigint,
    external_id text, ai_generated boolean, results jsonb, code text, message text, key text, hash bytea,
    seen jsonb default null, per_minute integer default null, origin jsonb default null
)
returns table (outcome text, shown jsonb)
language plpgsql
as $$
declare
    made bigint;
begin
    perform set_config('social.owner', owner, true);
    -- The second time is for the same request at the same moment, which was faster.
    for nth in 1..2 loop
        if exists (select from social_posts p where p.id = post and p.owner_id = owner) then
            return query select 'new', post_json(owner, post);
            return;
        end if;
        return query select k.outcome, k.shown from find_by_key(owner, key, hash) k;
        if found then
            return;
        end if;
        if accounts_differ(owner, seen) then
            return query select 'changed', null::jsonb;
            return;
        end if;
        begin
            if seen is not null then
                perform count_call(owner, 'create', per_minute);
            end if;
            insert into social_posts
                (id, owner_id, video_url, caption, title, publish_at, max_lateness, external_id, ai_generated,
                created_at, updated_at)
            values (
                post, owner, video_url, caption, title, coalesce(publish_at, social_now()), max_lateness, external_id,
                ai_generated, social_now(), social_now()
            );
            -- The accounts are joined under their owner: nobody publishes to another's.
            insert into post_results
                (id, post_id, owner_id, account_id, platform, caption, options, consent, state, due_at, expires_at, held_reason,
                error_code, error_message, created_at, updated_at)
            select n.id, p.id, p.owner_id, a.id, a.platform, n.caption, coalesce(n.options, 'null'), n.consent,
                case when a.status = 'active' then 'queued' else 'held' end,
                case
                    when a.status = 'active' then p.publish_at
                    else p.publish_at + make_interval(secs => p.max_lateness)
                end,
                p.publish_at + make_interval(secs => p.max_lateness),
                case when a.status <> 'active' then 'needs_reconnect' end,
                case when a.status <> 'active' then code end, case when a.status <> 'active' then message end,
                p.created_at, p.created_at
            from jsonb_to_recordset(results) as n (id uuid, account uuid, caption text, options jsonb, consent jsonb)
            join social_accounts a on a.id = n.account and a.owner_id = owner
            join social_posts p on p.id = post and p.owner_id = owner
            for share of a;
            get diagnostics made = row_count;
            if made <> jsonb_array_length(results) then
                raise exception 'an account of the post is not the owner''s';
            end if;
            if key is not null then
                insert into idempotency_keys (owner_id, key, body_hash, post_id, created_at)
                values (owner, key, hash, post, social_now());
            end if;
            perform note_change(owner, 'created', origin, post => post);
            return query select 'new', post_json(owner, post);
            return;
        exception when unique_violation then
            if nth = 2 then
                raise;
            end if;
        end;
    end loop;
end $$;
