-- A post may say how late it may still go out: then a result that was not sent in time ends, rather than
-- appearing at three in the morning. `expires_at` is that moment, beside the due time it is compared with.
alter table social_posts
    add column max_lateness bigint,
    add constraint max_lateness_is_positive check (max_lateness > 0);

-- `recallable`: the platform has everything it needs, and yet can still be asked to stop. `recall_requested`:
-- its owner wants that.
alter table post_results
    add column expires_at timestamptz,
    add column recallable boolean not null default false,
    add column recall_requested boolean not null default false,
    add constraint recallable_is_committed check (not recallable or committed);

-- Each platform has a queue of its own within the one table, so that one that stalls stands in no other's way.
drop index post_results_due;
create index post_results_due on post_results (platform, due_at, id) where due_at is not null;

-- When the worker was last called: tells a schedule that stopped from a queue that is empty.
create table worker_pulse (
    is_only boolean primary key default true,
    last_called_at timestamptz not null,
    constraint one_row check (is_only)
);

insert into worker_pulse (last_called_at) values ('-infinity');
