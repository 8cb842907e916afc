-- What maintenance deletes, it finds without reading the whole table.
create index if not exists idempotency_keys_by_age on idempotency_keys (created_at);
create index if not exists received_webhooks_by_age on received_webhooks (received_at);
