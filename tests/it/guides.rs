//! The SQL of the guides, run as operators run it: by the product's role, on the schema of today.

use std::fs;
use std::path::Path;

use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::source::video;
use crate::world::{World, public};

const HOW: &str = include_str!("../../docs/how-it-works.md");
const MONITOR: &str = include_str!("../../docs/monitor.md");
const ROTATE: &str = include_str!("../../docs/rotate-secrets.md");
const UPGRADE: &str = include_str!("../../docs/upgrade-backup-erase.md");

/// The SQL blocks of a page, in their order.
fn blocks(page: &str) -> Vec<String> {
    let blocks = page.split("```sql\n").skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The first block of a page that contains `text`.
fn block(page: &str, text: &str) -> String {
    blocks(page).into_iter().find(|block| block.contains(text)).unwrap()
}

/// The names of the functions.
fn functions() -> impl Iterator<Item = String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap())
}

/// Runs a block as the product's role.
async fn run(world: &World, block: String) {
    let mut connection = PgConnection::connect(world.database_url()).await.unwrap();
    let failed = connection.execute(AssertSqlSafe(block.clone())).await.err();
    assert!(failed.is_none(), "{failed:?}\n{block}");
    connection.close().await.unwrap();
}

/// Makes the results those of the backup again.
async fn restore(world: &World) {
    world.execute("delete from post_results").await;
    world.execute("insert into post_results select * from backup").await;
}

#[tokio::test]
async fn every_statement_of_the_guides_runs_as_the_products_role() {
    let world = World::new().await;
    let mut ran = 0;
    for page in [MONITOR, ROTATE, UPGRADE] {
        for block in blocks(page) {
            run(&world, block).await;
            ran += 1;
        }
    }
    assert!(ran >= 7, "only {ran} blocks were found");
}

#[tokio::test]
async fn a_restored_backup_publishes_again_unless_the_guide_is_followed() {
    let world = World::new().await;
    let post = world.posted("demokitchen", video(1_000_000), public()).await;
    world.execute("create table backup as select * from post_results").await;
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 1);

    restore(&world).await;
    run(&world, block(UPGRADE, "'failed', 'expired') and updated_at")).await;
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!(
        (&result["state"], &result["error"]["code"]),
        (&json!("inDoubt"), &json!("restored_from_backup"))
    );
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
    let saw = json!({"resultId": result["id"], "outcome": "published"});
    world.post(&format!("/social-posts/{post}/resolve"), "alice", saw).await;
    assert_eq!(world.result("alice", &post).await["state"], "published");

    restore(&world).await;
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 2, "the guide warns of nothing");
}

#[tokio::test]
async fn what_is_due_later_stays_queued_after_a_restore_unless_all_is_held() {
    let world = World::new().await;
    let post = world.posted("demokitchen", video(1_000_000), public()).await;
    let later = "update social_posts set publish_at = publish_at + interval '1 day'";
    world.execute(later).await;
    world.execute("update post_results set due_at = due_at + interval '1 day'").await;
    run(&world, block(UPGRADE, "'failed', 'expired') and updated_at")).await;
    assert_eq!(world.result("alice", &post).await["state"], "queued");
    run(&world, block(UPGRADE, "where state = 'queued';")).await;
    assert_eq!(world.result("alice", &post).await["state"], "inDoubt");
}

#[tokio::test]
async fn a_user_who_is_erased_leaves_no_row_and_takes_none_of_another() {
    let world = World::new().await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    for (owner, handle) in [("the-user", "demokitchen"), ("alice", "demotravel")] {
        let account = world.connect(owner, handle).await;
        world.publish(owner, &account, &url, public()).await;
    }
    world.run_to_the_end().await;
    run(&world, block(UPGRADE, "delete from social_accounts")).await;
    for table in ["social_accounts", "oauth_states", "social_posts", "post_results", "publish_attempts"] {
        let of = |owner| format!("select count(*) from {table} where owner_id = '{owner}'");
        assert_eq!(world.scalar(&of("the-user")).await, 0, "{table}");
        assert!(world.scalar(&of("alice")).await > 0, "{table}");
    }
}

#[test]
fn the_page_of_parts_names_every_function() {
    let mut count = 0;
    for name in functions() {
        count += 1;
        assert!(
            HOW.lines().any(|line| line.starts_with('|') && line.contains(&format!("`{name}`"))),
            "{name}"
        );
    }
    assert_eq!(count, 10, "the pages speak of ten functions");
}
