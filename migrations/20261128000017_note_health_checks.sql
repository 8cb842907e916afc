-- When a health check last wrote: a server that takes no writes is found by one, not by the posts that it loses.
alter table worker_pulse add column checked_at timestamptz not null default '-infinity';
