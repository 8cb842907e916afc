-- A browser may visit the callback twice: reloads, restored tabs. The second visit goes where the first one went, so the
-- state keeps that: the query of the redirect, in our own words. Null: the first visit is under way, or died on it.
alter table oauth_states
    add column landed text,
    add constraint only_the_consumed_has_landed check (landed is null or consumed_at is not null),
    add constraint landed_is_a_query_of_ours check (landed ~ '^social=(connected|error)(&|$)');
