-- What needs a person is counted without reading every result: by the doctor, and by monitors.
create index post_results_needing_a_person on post_results (state, held_reason) where state in ('in_doubt', 'held');
