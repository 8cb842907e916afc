-- The version of the account's tokens that its refresh token was encrypted for: a platform may keep an old one valid. Null
-- for a row that was written before.
alter table social_accounts add column refresh_version bigint;

-- Since when the worker has found that the account's secrets cannot be decrypted, and when it last did.
alter table social_accounts add column unreadable_since timestamptz;
alter table social_accounts add column unreadable_at timestamptz;
