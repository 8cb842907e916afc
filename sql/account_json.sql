-- An account as the program reads it; times are microseconds since 1970.
create or replace function account_json(account social_accounts)
returns jsonb
language sql stable
as $$
    select jsonb_build_object(
        'id', account.id, 'token_version', account.token_version, 'owner_id', account.owner_id, 'platform', account.platform, 'account_id', account.account_id,
        'username', account.username, 'status', account.status, 'scopes', account.scopes,
        'account_metadata', account.account_metadata,
        'connected_at', (extract(epoch from account.connected_at) * 1000000)::bigint,
        -- A refresh moves the access token's end, and nothing moves that of a refresh token or of a token without one.
        'expires_at', (extract(epoch from coalesce(
            account.refresh_expires_at, case when account.refresh_token is null then account.token_expires_at end
        )) * 1000000)::bigint,
        'ended_message', account.ended_message, 'ended_at', (extract(epoch from account.ended_at) * 1000000)::bigint
    )
$$;
