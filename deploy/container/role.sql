-- Creates the role of the product and gives it its rights, after each migration. docs/postgres.md explains them.
--
--   APP_PASSWORD=… psql --set ON_ERROR_STOP=1 --file deploy/container/role.sql

\getenv password APP_PASSWORD
select format('create role social_app login nosuperuser nobypassrls password %L', :'password')
where not exists (select from pg_roles where rolname = 'social_app') \gexec
grant usage on schema public to social_app;
grant select, insert, update, delete on social_accounts, oauth_states, social_posts, post_results,
    publish_attempts, idempotency_keys, received_webhooks, worker_pulse, webhook_endpoints, webhook_messages,
    owner_rates, social_audit to social_app;
grant execute on all functions in schema public to social_app;
alter role social_app set statement_timeout = '10s';
alter role social_app set lock_timeout = '5s';
alter role social_app set idle_in_transaction_session_timeout = '10s';
