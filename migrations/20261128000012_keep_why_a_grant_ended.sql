-- Why an account must be connected again, for its owner, and since when.
alter table social_accounts add column ended_message text;
alter table social_accounts add column ended_at timestamptz;

-- The words and the time of what a person agreed to before a result was sent, as the product showed it.
alter table post_results add column consent jsonb;
