//! `social-server doctor`: exit codes, and what it prints.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::place::Place;

/// The page that describes the role of the product.
const POSTGRES: &str = include_str!("../../../../docs/postgres.md");

pub(crate) const VARS: [(&str, &str); 4] = [
    ("APP_URL", "https://app.example.com"),
    ("TOKEN_ENCRYPTION_KEYS", "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
    ("AUTH_JWT_SECRET", "the-secret-of-all-our-tests-here"),
    ("WORKER_SECRET", "the-worker-of-all-our-tests-here"),
];

#[test]
fn the_doctor_lists_settings_that_cannot_be_read_and_shows_none() {
    let place = Place::new("unset");
    let (output, _) =
        place.run(&["doctor", "--json"], &[("WORKER_SECRET", "canary"), ("APP_URL", "canary.example")]);
    assert_eq!(output.status.code(), Some(1));
    let shown = String::from_utf8(output.stdout).unwrap();
    let report: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(report["verdict"], "wrong");
    let findings: Vec<&str> =
        report["checks"].as_array().unwrap().iter().map(|check| check["finding"].as_str().unwrap()).collect();
    for name in ["APP_URL", "DATABASE_URL", "TOKEN_ENCRYPTION_KEYS", "AUTH_JWT_SECRET", "WORKER_SECRET"] {
        assert!(findings.iter().any(|finding| finding.starts_with(name)), "{name} in {shown}");
    }
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn the_doctor_exits_with_0_where_nothing_is_wrong_and_with_1_where_something_is() {
    let place = Place::new("doctor");
    let server = private_postgres::shared_for_tests("doctor", |_| Ok(())).unwrap();
    let owner = server.url("doctor");
    let execute = |database: &str, statement: &str| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = PgConnection::connect(&server.url(database)).await.unwrap();
            connection.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
        });
    };
    execute("postgres", "create database doctor");
    let examine = |url: &str| {
        let vars = [&VARS[..], &[("DATABASE_URL", url)]].concat();
        let (output, said) = place.run(&["doctor"], &vars);
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), said)
    };
    let (code, shown, said) = examine(&owner);
    assert_eq!(code, Some(1), "{shown}{said}");
    assert!(shown.starts_with("wrong    schema: The database has no schema"), "{shown}");
    assert!(place.run(&["migrate"], &[("DATABASE_URL", &owner)]).0.status.success());
    let (code, shown, _) = examine(&owner);
    assert!(code == Some(1) && shown.contains("wrong    role: The role "), "{shown}");

    execute("doctor", "create role social_owner");
    let rights = POSTGRES.split("```sql\n").find(|block| block.starts_with("create role")).unwrap();
    execute("doctor", rights.split("```").next().unwrap());
    let mut url = url::Url::parse(&owner).unwrap();
    url.set_username("social_app").unwrap();
    let (code, shown, said) = examine(url.as_str());
    assert_eq!(code, Some(0), "{shown}{said}");
    assert!(shown.contains("ok       role: The role social_app is bound by row level security."), "{shown}");
    assert!(shown.contains("warning  worker: The worker was never called."), "{shown}");
    execute("postgres", "drop database doctor with (force)");
}
