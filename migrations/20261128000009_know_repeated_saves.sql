-- A worker that hears no answer to a save makes it again. The save's own id tells that it was made, so that its calls
-- are in the ledger once.
alter table post_results add column saved_as uuid;
