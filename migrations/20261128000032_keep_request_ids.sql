-- The id of the request that led to a row: its caller's `X-Request-Id`, or ours. Older rows, and rows that an older
-- program writes, have none.
alter table publish_attempts add column request_id text;
alter table social_audit add column request_id text;
