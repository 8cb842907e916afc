//! The key ring: every key that a stored value needs is there.

use super::check::{Check, Verdict};
use crate::oauth::Flow;
use crate::store::SealedValues;

/// Checks that every key in use is known, and counts the rows under each.
pub(super) async fn examine(flow: &Flow) -> Vec<Check> {
    let mut checks = Vec::new();
    for values in SealedValues::ALL {
        checks.push(count(flow, values).await);
    }
    checks
}

async fn count(flow: &Flow, values: SealedValues) -> Check {
    let (check, name) = (format!("keys.{}", values.rows()), values.name());
    let counts = match flow.store.count_seals(values).await {
        Ok(counts) => counts,
        Err(error) => {
            return Check::new(check, Verdict::Warning, format!("The {name} could not be counted: {error}."));
        }
    };
    let list: Vec<String> = counts.iter().map(|(key, rows)| format!("{rows} under {key}")).collect();
    let known: Vec<&str> = flow.config.keys.ids().collect();
    let missing: Vec<&str> = counts.keys().map(String::as_str).filter(|key| !known.contains(key)).collect();
    let list = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    if !missing.is_empty() {
        return Check::new(
            check,
            Verdict::Wrong,
            format!(
                "The {name} need keys that are not in TOKEN_ENCRYPTION_KEYS: {}. Rows: {list}.",
                missing.join(", ")
            ),
        )
        .remedy(
            "Restore these keys, after the first one. docs/rotate-secrets.md says what happens without them.",
        );
    }
    let newest = known.first().copied().unwrap_or_default();
    let finding = format!("The {name}, in rows by key: {list}.");
    if counts.keys().any(|key| key != newest) {
        return Check::ok(check, finding)
            .remedy("Run `social-server rotate-keys` before you remove an older key.");
    }
    Check::ok(check, finding)
}
