-- Until when nobody asks for a new token, because the platform has just had trouble giving one: functions are short
-- processes, so the pause is kept here.
alter table social_accounts add column refresh_paused_until timestamptz;
