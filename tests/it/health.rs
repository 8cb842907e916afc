//! The health check: the schema's version, and a write.

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;
use social_core::web::{Arrival, Functions};
use social_schema::MIGRATOR;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use crate::database::as_owner;
use crate::pooler::Pooler;
use crate::world::{World, answer, read};

async fn health(app: &Functions) -> (StatusCode, Value) {
    let request = http::Request::get("/api/social-health").body(Bytes::new()).unwrap();
    read(&answer(app, request, Arrival::default()).await)
}

/// Changes a setting for the database's new connections.
async fn set_for_all(world: &World, change: &str) {
    world
        .execute(&format!(
            "do $$ begin execute format('alter database %I {change}', current_database()); end $$"
        ))
        .await;
}

fn own_version() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap()
}

/// Asserts that the sentence names these versions and the command.
fn says(body: &Value, named: &[&str]) {
    let message = body["message"].as_str().unwrap();
    assert!(named.iter().all(|part| message.contains(part)), "{named:?} in {message}");
}

#[tokio::test]
async fn a_newer_schema_is_served_and_reported() {
    let world = World::new().await;
    assert_eq!(health(&world.app).await, (StatusCode::OK, serde_json::json!({"status": "ok"})));
    world
        .execute(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
            values (29990101000001, 'of the next version', true, '', 0)",
        )
        .await;
    let (status, body) = health(&world.app).await;
    assert_eq!((status, &body["status"]), (StatusCode::OK, &"ok".into()));
    says(&body, &["29990101000001", &own_version().to_string(), "deploy"]);
    assert_eq!(world.get("/social-posts", "alice").await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_older_schema_is_not_ok_and_the_sentence_names_both_versions_and_the_command() {
    let world = World::new().await;
    let own = own_version().to_string();
    // A migration that failed does not count.
    world.execute(&format!("update _sqlx_migrations set success = false where version = {own}")).await;
    let before: i64 = world.scalar("select max(version) from _sqlx_migrations where success").await;
    let outdated = (StatusCode::SERVICE_UNAVAILABLE, Value::from("outdated"));
    let command = "run `social-server migrate`";
    let (status, body) = health(&world.app).await;
    assert_eq!((status, body["status"].clone()), outdated);
    says(&body, &[&before.to_string(), &own, command]);
    // A version whose health check the program cannot call.
    for (change, named) in [
        ("drop function check_health(text[])", before.to_string()),
        ("drop function schema_version()", "a schema version before 20261128000017".to_owned()),
        ("grant select on _sqlx_migrations to social_app", before.to_string()),
        ("drop table _sqlx_migrations", "no schema".to_owned()),
    ] {
        world.execute(change).await;
        let (status, body) = health(&world.app).await;
        assert_eq!((status, body["status"].clone()), outdated, "{change}");
        says(&body, &[&named, &own, command]);
    }
}

#[tokio::test]
async fn a_schema_without_its_functions_is_not_ok() {
    let world = World::new().await;
    world.execute("drop function check_health(text[])").await;
    let (status, body) = health(&world.app).await;
    assert_eq!((status, &body["status"]), (StatusCode::SERVICE_UNAVAILABLE, &"outdated".into()));
    says(&body, &[&own_version().to_string(), "lacks functions", "run `social-server migrate`"]);
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_not_ok() {
    let world = World::new().await;
    set_for_all(&world, "set default_transaction_read_only = on").await;
    let app = world.another_app();
    // The second check is within the second in which none writes.
    for _ in 0..2 {
        let (status, body) = health(&app).await;
        assert_eq!(
            (status, &body["status"]),
            (StatusCode::SERVICE_UNAVAILABLE, &"read_only".into()),
            "{body}"
        );
    }
    set_for_all(&world, "reset default_transaction_read_only").await;
    assert_eq!(health(&world.another_app()).await.0, StatusCode::OK);
}

/// Named statements fail when a pooler gives them a connection that knows them.
#[tokio::test]
async fn a_schema_that_is_up_to_date_is_left_alone_through_a_pooler_and_while_writes_are_refused() {
    let world = World::new().await;
    set_for_all(&world, "set default_transaction_read_only = on").await;
    let direct = as_owner(world.database_url());
    let pooler = Pooler::start(&direct, "transaction", 1).await;
    for url in [Some(&direct), pooler.as_ref().map(|pooler| &pooler.url)].into_iter().flatten() {
        for _ in 0..2 {
            // pgbouncer refuses the setting.
            let options = url.parse::<PgConnectOptions>().unwrap().extra_float_digits(None);
            let mut connection = options.connect().await.unwrap();
            social_schema::migrate(&mut connection).await.unwrap();
        }
    }
}

/// No disk is filled: a trigger declines the write as Postgres does then.
#[tokio::test]
async fn a_full_disk_is_not_ok() {
    let world = World::new().await;
    world
        .execute(
            "create function is_full() returns trigger language plpgsql as $$ begin
                raise exception 'could not extend file' using errcode = 'disk_full';
            end $$",
        )
        .await;
    world
        .execute(
            "create trigger is_full before update on worker_pulse for each row execute function is_full()",
        )
        .await;
    let (status, body) = health(&world.app).await;
    assert_eq!((status, &body["status"]), (StatusCode::SERVICE_UNAVAILABLE, &"read_only".into()), "{body}");
}

#[tokio::test]
async fn a_request_that_requires_a_newer_schema_is_told_to_come_back() {
    let world = World::new().await;
    world.execute("delete from _sqlx_migrations where version > 20261128000012").await;
    assert_eq!(world.get("/social-posts", "alice").await.0, StatusCode::OK, "what it requires is there");
    world.execute("alter function list_posts rename to list_posts_of_the_next_version").await;
    let response = world.call(http::Method::GET, "/social-posts", Some("alice"), None).await;
    assert_eq!(response.headers()[http::header::RETRY_AFTER], "2");
    let (status, body) = read(&response);
    assert_eq!(
        (status, &body["error"]["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"schema_outdated".into())
    );
}
