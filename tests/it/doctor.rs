//! The doctor: a healthy world, and every fault by its name.

use std::time::Duration;

use serde_json::{Value, json};
use social_core::doctor::{Check, Report, Verdict, examine};
use social_core::web::Functions;
use url::Url;

use crate::database::as_owner;
use crate::source::video;
use crate::world::{JWT_SECRET, Setting, WORKER_SECRET, World, public, sign, token};

const ISSUER: &str = "https://id.example";

async fn report(app: &Functions) -> Report {
    examine(&app.publisher.flow, None).await
}

/// Returns the finding of a check.
fn found(report: &Report, check: &str) -> Check {
    let checks = &report.checks;
    checks.iter().find(|one| one.check == check).unwrap_or_else(|| panic!("{check} in {checks:#?}")).clone()
}

/// Asserts that a check has this verdict, and that its finding names these.
fn says(report: &Report, check: &str, verdict: Verdict, named: &[&str]) {
    let found = found(report, check);
    assert_eq!(found.verdict, verdict, "{found:?}");
    assert!(named.iter().all(|part| found.finding.contains(part)), "{named:?} in {found:?}");
    assert!(verdict == Verdict::Ok || found.remedy.is_some() || found.check == "schema", "{found:?}");
}

/// Returns a world with an account, a published post, and settings that leave nothing open.
async fn healthy() -> World {
    let mut world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    world.work().await;
    world.set("AUTH_JWT_ISSUER", ISSUER);
    world.set("TIKTOK_AUDITED", "true");
    world
}

#[tokio::test]
async fn a_healthy_world_is_ok() {
    let world = healthy().await;
    let report = report(&world.app).await;
    let not_ok: Vec<&str> =
        report.checks.iter().filter(|one| one.verdict != Verdict::Ok).map(|one| one.check.as_str()).collect();
    // The simulators have the clock of this machine, and the world has its own.
    assert_eq!(not_ok, ["clock.tiktok", "clock.youtube"], "{:#?}", report.checks);
    assert_eq!(report.verdict, Verdict::Warning);
    for check in
        ["database", "schema", "role", "row_level_security", "time_limits", "pooler", "clock.database"]
    {
        says(&report, check, Verdict::Ok, &[]);
    }
    says(&report, "keys.accounts", Verdict::Ok, &["1 under k1"]);
    says(&report, "tiktok.credentials", Verdict::Ok, &["accepts"]);
    says(&report, "youtube.credentials", Verdict::Ok, &["accepts"]);
    says(&report, "instagram.credentials", Verdict::Ok, &["cannot be asked"]);
    let uri = "http://localhost:8888/.netlify/functions/tiktok-callback";
    says(&report, "tiktok.redirect_uri", Verdict::Ok, &[uri]);
    says(&report, "worker", Verdict::Ok, &["0 s ago"]);
}

#[tokio::test]
async fn a_schema_that_was_never_migrated_or_is_older_is_named() {
    let world = World::new().await;
    world
        .execute("update _sqlx_migrations set success = false where version = (select max(version) from _sqlx_migrations)")
        .await;
    says(&report(&world.app).await, "schema", Verdict::Wrong, &["run `social-server migrate`"]);
    world.execute("drop schema public cascade").await;
    says(&report(&world.app).await, "schema", Verdict::Wrong, &["run `social-server migrate`"]);
}

#[tokio::test]
async fn a_database_that_is_away_is_named_and_the_rest_is_still_checked() {
    let world = World::new().await;
    let report = report(&world.app_on("postgres://canary:canary@127.0.0.1:1/x")).await;
    says(&report, "database", Verdict::Wrong, &["does not respond"]);
    says(&report, "tiktok.credentials", Verdict::Ok, &[]);
    assert!(!json!(report).to_string().contains("canary"), "{report:?}");
}

#[tokio::test]
async fn a_role_that_row_level_security_does_not_bind_is_named() {
    let world = World::new().await;
    let superuser: String =
        sqlx::query_scalar("select current_user::text").fetch_one(&world.db).await.unwrap();
    let mut url = Url::parse(world.database_url()).unwrap();
    url.set_username(&superuser).unwrap();
    says(&report(&world.app_on(url.as_str())).await, "role", Verdict::Wrong, &[&superuser, "superuser"]);
    world.execute("grant select on test_clock to social_owner").await;
    let owner = world.app_on(&as_owner(world.database_url()));
    says(&report(&owner).await, "role", Verdict::Wrong, &["social_owner owns tables"]);
    world.execute("alter table social_posts no force row level security").await;
    says(&report(&world.app).await, "row_level_security", Verdict::Wrong, &["social_posts."]);
    let set = "execute format('alter database %I set social.worker = %L', current_database(), 'on')";
    world.execute(&format!("do $$ begin {set}; end $$")).await;
    says(&report(&world.another_app()).await, "pooler", Verdict::Wrong, &["still there"]);
}

#[tokio::test]
async fn a_key_that_stored_values_need_and_that_is_missing_is_named_with_its_rows() {
    let mut world = World::new().await;
    world.connect("alice", "demokitchen").await;
    let newer = "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    let older = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    world.set("TOKEN_ENCRYPTION_KEYS", &format!("{newer},{older}"));
    let both = report(&world.app).await;
    says(&both, "keys.accounts", Verdict::Ok, &["1 under k1"]);
    assert!(found(&both, "keys.accounts").remedy.unwrap().contains("rotate-keys"));
    world.set("TOKEN_ENCRYPTION_KEYS", newer);
    let report = report(&world.app).await;
    says(&report, "keys.accounts", Verdict::Wrong, &["not in TOKEN_ENCRYPTION_KEYS: k1", "1 under k1"]);
    assert_eq!(report.verdict, Verdict::Wrong);
}

#[tokio::test]
async fn credentials_that_a_platform_refuses_are_named_by_their_variables() {
    let mut world = World::new().await;
    for (platform, variable) in [("tiktok", "TIKTOK_CLIENT_SECRET"), ("youtube", "YOUTUBE_CLIENT_SECRET")] {
        world.set(variable, "another-secret-of-the-app");
        let report = report(&world.app).await;
        let check = format!("{platform}.credentials");
        says(&report, &check, Verdict::Wrong, &["invalid_client"]);
        assert!(found(&report, &check).remedy.unwrap().contains(variable));
    }
}

#[tokio::test]
async fn a_worker_that_never_ran_is_a_warning_and_with_something_due_it_is_wrong() {
    let world = World::new().await;
    says(&report(&world.app).await, "worker", Verdict::Warning, &["never called"]);
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.publish("alice", &account, &url, public()).await;
    world.advance(Duration::from_mins(10)).await;
    let stalled = report(&world.app).await;
    says(&stalled, "worker", Verdict::Wrong, &["never called"]);
    says(&stalled, "due", Verdict::Wrong, &["600 s"]);
    world.run_to_the_end().await;
    world.advance(Duration::from_mins(10)).await;
    says(&report(&world.app).await, "worker", Verdict::Warning, &["s ago"]);
}

#[tokio::test]
async fn results_in_doubt_and_results_that_wait_for_their_owners_are_counted() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.publish("alice", &account, &url, public()).await;
    world
        .execute(
            "update post_results set state = 'in_doubt', due_at = null, error_code = 'publish_unconfirmed'",
        )
        .await;
    says(&report(&world.app).await, "in_doubt", Verdict::Warning, &["in doubt: 1"]);
    world.execute("update post_results set state = 'held', held_reason = 'needs_reconnect'").await;
    says(&report(&world.app).await, "needs_reconnect", Verdict::Warning, &["account: 1"]);
}

#[tokio::test]
async fn a_sample_token_is_tried_and_neither_it_nor_any_secret_is_shown() {
    let password = "canary-of-the-database";
    let setting = Setting {
        vars: vec![
            ("WEBHOOK_URLS", "http://localhost:9/canary-of-the-path".to_owned()),
            ("WEBHOOK_SECRETS", "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".to_owned()),
        ],
        ..Setting::default()
    };
    let world = World::with(setting).await;
    world.connect("alice", "demokitchen").await;
    let mut url = Url::parse(world.database_url()).unwrap();
    url.set_password(Some(password)).unwrap();
    let app = world.app_on(url.as_str());
    let (good, expired) = (token("alice"), sign(&json!({"sub": "alice", "exp": 1})));
    let mut shown = String::new();
    for (token, verdict, named) in [
        (good.as_str(), Verdict::Ok, "\"alice\""),
        (expired.as_str(), Verdict::Wrong, "expired"),
        ("canary", Verdict::Wrong, "not a JWT"),
    ] {
        let report = examine(&app.publisher.flow, Some(token)).await;
        says(&report, "token", verdict, &[named]);
        says(&report, "webhooks", Verdict::Ok, &["1 endpoints"]);
        shown.push_str(&json!(report).to_string());
    }
    let config = &app.publisher.flow.config;
    let mut secrets =
        vec![good.as_str(), expired.as_str(), password, JWT_SECRET, WORKER_SECRET, "AQEBAQEB", "canary"];
    secrets.extend(config.platforms.values().map(|settings| settings.client_secret.expose()));
    for secret in secrets {
        assert!(!secret.is_empty() && !shown.contains(secret), "{secret}");
    }
    let report: Value = serde_json::from_str(&json!(report(&app).await).to_string()).unwrap();
    let first = json!({"check": "database", "verdict": "ok",
        "finding": "The database responds, and takes writes.", "remedy": null});
    assert_eq!(report["checks"][0], first);
}
