-- A call whose answer was lost is made again. Each carries an id of its own, so that the second finds what the first did:
-- the visit that consumed a state, and the last change of a post.
alter table oauth_states add column consumed_by uuid;
alter table social_posts add column last_change uuid;
