//! Encryption keys that are replaced, lost and found again.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use social_core::model::{AccountId, OwnerId};
use social_core::store::{Resealed, SealedValues, StoreError};
use social_core::vault::{Place, SealBroken};
use uuid::Uuid;

use crate::source::video;
use crate::world::{World, public};

const OLD: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const NEW: &str = "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
/// More than enough for a day.
const TRIES: usize = 30;

/// Goes through all encrypted values once.
async fn rotate(world: &World) -> Resealed {
    let mut whole = Resealed::default();
    for values in SealedValues::ALL {
        let mut after = None;
        loop {
            let page = world.app.publisher.flow.store.reseal_page(values, after).await.unwrap();
            after = page.last;
            whole.add(page);
            if after.is_none() {
                break;
            }
        }
    }
    whole
}

/// Lets the worker try for a day, never an hour apart.
async fn try_for_a_day(world: &World) {
    for _ in 0..TRIES {
        world.work().await;
        world.advance(Duration::from_mins(50)).await;
    }
}

async fn status(world: &World) -> serde_json::Value {
    world.get("/social-accounts", "alice").await.1["accounts"][0].clone()
}

#[tokio::test]
async fn a_lost_key_asks_the_owner_to_reconnect_after_a_day_and_the_key_brings_everything_back() {
    let mut world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.set("TOKEN_ENCRYPTION_KEYS", NEW);
    let post = world.publish("alice", &account, &url, public()).await;
    for _ in 0..20 {
        world.work().await;
        world.advance(Duration::from_mins(50)).await;
    }
    assert_eq!(
        (status(&world).await["status"].clone(), &world.result("alice", &post).await["state"]),
        (json!("active"), &json!("queued"))
    );
    try_for_a_day(&world).await;
    let ended = status(&world).await;
    assert_eq!(ended["status"], "needsReconnect");
    assert_eq!(
        ended["ended"]["message"],
        "We can no longer read the stored permission for this account. Reconnect the account."
    );
    let result = world.result("alice", &post).await;
    assert_eq!(
        (&result["state"], &result["heldReason"], &result["error"]["code"]),
        (&json!("held"), &json!("needsReconnect"), &json!("tokens_unreadable"))
    );
    assert_eq!(
        world.scalar("select count(*) from social_accounts where access_token like 'v2.k1.%'").await,
        1
    );

    world.set("TOKEN_ENCRYPTION_KEYS", &format!("{NEW},{OLD}"));
    let rotated = rotate(&world).await;
    assert_eq!((rotated.written, rotated.changed, rotated.unreadable.len()), (1, 0, 0));
    assert_eq!(status(&world).await["status"], "active");
    world.set("TOKEN_ENCRYPTION_KEYS", NEW);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
}

#[tokio::test]
async fn an_account_whose_key_is_lost_publishes_again_once_it_is_connected_again() {
    let mut world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.set("TOKEN_ENCRYPTION_KEYS", NEW);
    let post = world.publish("alice", &account, &url, public()).await;
    try_for_a_day(&world).await;
    assert_eq!(world.result("alice", &post).await["state"], "held");
    world.connect("alice", "demokitchen").await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
}

#[tokio::test]
async fn an_hour_without_a_try_starts_the_day_of_grace_again() {
    let mut world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.set("TOKEN_ENCRYPTION_KEYS", NEW);
    world.publish("alice", &account, &url, public()).await;
    for _ in 0..10 {
        world.work().await;
        world.advance(Duration::from_hours(6)).await;
    }
    assert_eq!(status(&world).await["status"], "active");
}

#[tokio::test]
async fn a_lost_checkpoint_is_in_doubt_after_a_day() {
    let world = World::new().await;
    let post = world.posted("demokitchen", video(1_000_000), public()).await;
    world.work().await;
    world
        .execute(
            "update post_results set state = 'processing', committed = true, step = 'poll', published_at = null,
                checkpoint = 'v1.k9.AAAA', due_at = social_now()",
        )
        .await;
    world.work().await;
    assert_eq!(world.result("alice", &post).await["state"], "processing");
    world.advance(Duration::from_mins(50)).await;
    try_for_a_day(&world).await;
    let result = world.result("alice", &post).await;
    assert_eq!(
        (&result["state"], &result["error"]["code"]),
        (&json!("inDoubt"), &json!("checkpoint_unreadable"))
    );
    assert_eq!(status(&world).await["status"], "active", "its tokens can be read");
}

#[tokio::test]
async fn an_old_token_that_is_put_back_is_not_used() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    world.execute("create table kept as select access_token, refresh_token from social_accounts").await;
    world.connect("alice", "demokitchen").await;
    let owner = OwnerId::new("alice").unwrap();
    let id = AccountId(Uuid::parse_str(&account).unwrap());
    let store = &world.app.publisher.flow.store;
    assert!(store.grant(&owner, id).await.unwrap().is_some());
    for column in ["access_token", "refresh_token"] {
        let swap = format!("update social_accounts set {column} = (select {column} from kept)");
        world.execute("create table now_stored as select * from social_accounts").await;
        world.execute(&swap).await;
        let refused = store.grant(&owner, id).await;
        assert!(matches!(refused, Err(StoreError::Seal(SealBroken::Refused))), "{column}");
        let back = format!("update social_accounts set {column} = (select {column} from now_stored)");
        world.execute(&back).await;
        world.execute("drop table now_stored").await;
    }
    assert!(store.grant(&owner, id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_row_of_the_first_format_works_and_rotation_brings_it_to_the_newest() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let flow = &world.app.publisher.flow;
    let owner = OwnerId::new("alice").unwrap();
    let id = Uuid::parse_str(&account).unwrap();
    let held = flow.store.grant(&owner, AccountId(id)).await.unwrap().unwrap();
    let vault = social_core::vault::Vault::new(
        std::sync::Arc::new(social_core::vault::KeyRing::parse(OLD).unwrap()),
        std::sync::Arc::new(social_core::entropy::SystemEntropy),
    );
    let of = |column| Place { column, owner: "alice", row: id, version: None };
    let access = vault.seal(of("social_accounts.access_token"), held.access_token.expose());
    let refresh = held.refresh_token.unwrap();
    let refresh = vault.seal(of("social_accounts.refresh_token"), refresh.expose());
    world
        .execute(&format!(
            "update social_accounts set access_token = '{access}', refresh_token = '{refresh}', refresh_version = null"
        ))
        .await;
    let path = format!("/social-accounts/{account}/posting-options");
    assert_eq!(world.get(&path, "alice").await.0, StatusCode::OK);
    assert_eq!(rotate(&world).await.written, 1);
    let current = "select count(*) from social_accounts
        where access_token like 'v2.k1.%' and refresh_token like 'v2.k1.%' and refresh_version = token_version";
    assert_eq!(world.scalar(current).await, 1);
    assert_eq!(world.get(&path, "alice").await.0, StatusCode::OK);
    assert_eq!(rotate(&world).await.written, 0);
}

#[tokio::test]
async fn a_rotation_reaches_every_encrypted_column_and_says_what_it_could_not() {
    let mut world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.publish("alice", &account, &url, public()).await;
    world.work().await;
    // The state of an authorization request that has not come back, and a result that has started.
    world.consent("alice", "demokitchen", "scope=all&decision=allow").await;
    assert_eq!(world.scalar("select count(*) from oauth_states where code_verifier is not null").await, 1);
    assert_eq!(world.scalar("select count(*) from post_results where checkpoint is not null").await, 1);
    world.connect("bob", "demotravel").await;
    world.execute("update social_accounts set access_token = 'v2.k9.AAAA' where owner_id = 'bob'").await;

    world.set("TOKEN_ENCRYPTION_KEYS", &format!("{NEW},{OLD}"));
    let rotated = rotate(&world).await;
    assert_eq!((rotated.written, rotated.changed), (3, 0));
    assert_eq!(
        rotated.under.iter().map(|(key, rows)| (key.as_str(), *rows)).collect::<Vec<_>>(),
        [("k2", 3), ("k9", 1)]
    );
    assert_eq!(rotated.unreadable.get("k9"), Some(&1));
    let old = "select (select count(*) from social_accounts where access_token like '%.k1.%')
        + (select count(*) from oauth_states where code_verifier like '%.k1.%')
        + (select count(*) from post_results where checkpoint like '%.k1.%')";
    assert_eq!(world.scalar(old).await, 0);
    world.set("TOKEN_ENCRYPTION_KEYS", NEW);
    world.execute("delete from social_accounts where owner_id = 'bob'").await;
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
}
