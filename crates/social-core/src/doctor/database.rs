//! The database: reachable, migrated, and with a role that row level security binds.

use super::check::{Check, Verdict};
use super::skew;
use crate::clock::Timestamp;
use crate::oauth::Flow;
use crate::store::{Diagnosis, Health, Schema, StoreError};

/// Checks the database. Without the second value, nothing else in it can be checked.
pub(super) async fn examine(flow: &Flow) -> (Vec<Check>, Option<(Health, Diagnosis)>) {
    let store = &flow.store;
    let health = match store.check_health().await {
        Ok(health) => health,
        Err(error) => return (vec![explain(&error)], None),
    };
    let mut checks =
        vec![Check::ok("database", "The database responds, and takes writes."), schema(health.schema)];
    let asked = flow.clock.now();
    // Two calls: a pooler in transaction mode may run them in two server processes.
    let (first, second) = match (store.diagnose().await, store.diagnose().await) {
        (Ok(first), Ok(second)) => (first, second),
        (Err(error), _) | (_, Err(error)) => {
            checks.push(explain(&error));
            return (checks, None);
        }
    };
    checks.push(role(&first));
    checks.push(row_level_security(&first));
    checks.push(match store.missing_timeouts().await {
        Ok(missing) => time_limits(&missing),
        Err(error) => explain(&error),
    });
    checks.push(pooler(&first, &second));
    checks.push(skew::compare(
        "clock.database",
        "the database's",
        middle(asked, flow.clock.now()),
        second.clock,
    ));
    (checks, Some((health, second)))
}

/// The second diagnosis was made between these, after the first.
fn middle(asked: Timestamp, answered: Timestamp) -> Timestamp {
    asked + (answered - asked) / 2
}

/// Returns what an error of the database means to an operator.
fn explain(error: &StoreError) -> Check {
    let wrong = |check: &str, finding: String| Check::new(check, Verdict::Wrong, finding);
    match error {
        // The sentence names the remedy.
        StoreError::Outdated(schema) => wrong("schema", schema.to_string()),
        error if error.is_refused_write() => {
            wrong("database", format!("The database takes no writes: {error}."))
                .remedy("Check whether it is a replica now, and whether its disk is full.")
        }
        StoreError::Declined { state, .. } if state == "42501" => {
            wrong("role", format!("The role lacks a right: {error}."))
                .remedy("Give it the rights in docs/postgres.md, section 2.")
        }
        error => wrong("database", format!("The database does not respond: {error}."))
            .remedy("Check DATABASE_URL, the network and Postgres."),
    }
}

fn schema(schema: Schema) -> Check {
    let verdict = match schema {
        Schema::Newer(_) => Verdict::Warning,
        Schema::Fits | Schema::Older(_) | Schema::Incomplete | Schema::Missing => Verdict::Ok,
    };
    Check::new("schema", verdict, schema.to_string())
}

fn role(found: &Diagnosis) -> Check {
    let name = &found.role_name;
    let too_much = [
        (found.is_superuser, "is a superuser"),
        (found.bypasses, "may bypass row level security"),
        (found.owns_tables, "owns tables of the product"),
    ];
    let too_much: Vec<&str> = too_much.iter().filter(|(is, _)| *is).map(|(_, what)| *what).collect();
    if too_much.is_empty() {
        return Check::ok("role", format!("The role {name} is bound by row level security."));
    }
    Check::new("role", Verdict::Wrong, format!("The role {name} {}.", too_much.join(" and ")))
        .remedy("Create the role in docs/postgres.md, section 2, and put it into DATABASE_URL.")
}

fn row_level_security(found: &Diagnosis) -> Check {
    if found.unprotected.is_empty() {
        return Check::ok("row_level_security", "Each table with an owner has forced row level security.");
    }
    let tables = found.unprotected.join(", ");
    Check::new("row_level_security", Verdict::Wrong, format!("Row level security is not forced on {tables}."))
        .remedy(
            "As the owner of each table: alter table … enable row level security, force row level security.",
        )
}

fn time_limits(missing: &[String]) -> Check {
    if missing.is_empty() {
        return Check::ok("time_limits", "The role has every time limit.");
    }
    Check::new("time_limits", Verdict::Warning, format!("The role has no {}.", missing.join(", ")))
        .remedy("Run the alter role statements in docs/postgres.md, section 2.")
}

fn pooler(first: &Diagnosis, second: &Diagnosis) -> Check {
    if first.inherited || second.inherited {
        return Check::new("pooler", Verdict::Wrong, "A setting of one call is still there in the next.")
            .remedy(
                "Let the pooler reset settings, and set no social.* setting for the role or the database.",
            );
    }
    Check::ok(
        "pooler",
        if first.process == second.process {
            "Two calls ran in one server process: a direct connection, or an idle pooler."
        } else {
            "Two calls ran in two server processes: a pooler in transaction mode."
        },
    )
}
