//! The texts of the database's functions: each stands once, in `sql/`.

macro_rules! functions {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../sql/", $name, ".sql")))),+]
    };
}

/// Each function's name and text, in the order they are applied.
pub static FUNCTIONS: &[(&str, &str)] = functions![
    "account_json",
    "accounts_differ",
    "beat",
    "begin_change",
    "cancel_post",
    "check_health",
    "claim_messages",
    "claim_results",
    "connect_accounts",
    "count_call",
    "count_seals",
    "create_post",
    "describe_account",
    "diagnose",
    "disconnect_account",
    "edit_post",
    "end_grant",
    "find_accounts",
    "find_by_key",
    "find_idle_accounts",
    "find_post",
    "finish_change",
    "give_turns_back",
    "hand_back",
    "hold_results",
    "keep_state",
    "land_state",
    "lease_grant",
    "list_accounts",
    "list_attempts",
    "list_changes",
    "list_due",
    "list_messages",
    "list_posts",
    "list_seals",
    "list_sent",
    "list_stale_seals",
    "mark_in_flight",
    "name_lost_publish",
    "note_change",
    "note_progress",
    "nudge_if_announced",
    "open_results",
    "park_results",
    "park_unless_connected",
    "pause_refresh",
    "pin_video",
    "post_json",
    "post_state",
    "prepare_post",
    "put_back",
    "read_account",
    "read_draft",
    "read_grant",
    "read_post",
    "read_pulse",
    "read_timeouts",
    "receive_webhook",
    "redeliver_messages",
    "release_results",
    "reseal_grants",
    "reseal_values",
    "resolve_result",
    "result_is_sound",
    "retry_post",
    "save_messages",
    "save_refresh",
    "save_steps",
    "schema_version",
    "set_aside",
    "stop_looking",
    "sweep",
    "sweep_messages",
    "take_turns",
    "tell",
    "tell_of_account",
    "tell_of_expiring",
    "tell_of_result",
    "visit_state",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Functions that only other functions or a check call, and one that reads no owner's rows.
    const STABLE: &[&str] =
        &["account_json", "open_results", "post_json", "post_state", "result_is_sound", "schema_version"];

    #[test]
    fn every_function_that_reads_an_owners_rows_is_volatile_so_a_load_balancer_asks_the_primary() {
        for (name, text) in FUNCTIONS {
            let head = text.split("as $$").next().unwrap();
            let is_stable = head.contains(" stable") || head.contains(" immutable");
            assert_eq!(is_stable, STABLE.contains(name), "{name}");
        }
    }

    #[test]
    fn every_file_of_sql_is_applied_and_defines_the_function_it_is_named_after() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sql");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        let listed: BTreeSet<String> = FUNCTIONS.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(files, listed);
        for (name, text) in FUNCTIONS {
            assert_eq!(text.matches("create or replace function").count(), 1, "{name}");
            assert!(text.contains(&format!("create or replace function {name}(")), "{name}");
        }
    }
}
