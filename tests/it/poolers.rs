//! Many clients over few connections, also those of a pooler: every answer is the caller's own, and nothing stays on a
//! connection.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;
use social_core::entropy::SystemEntropy;
use social_core::model::{AccountId, NewPost, NewResult, Origin, OwnerId, PostFilter};
use social_core::secret::DatabaseUrl;
use social_core::store::{Created, Store};
use social_core::vault::Vault;
use sqlx::{Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

use crate::pooler::Pooler;
use crate::world::World;

const CLIENTS: u128 = 20;
/// Each is four calls.
const ROUNDS: usize = 40;
/// Ten thousand calls of each client.
const MANY_ROUNDS: usize = 2_500;
/// Posts of a page.
const PAGE: usize = 10;

/// A store of two connections.
fn store_of_two(world: &World, url: &str) -> Store {
    let flow = &world.app.publisher.flow;
    let vault = Vault::new(Arc::clone(&flow.config.keys), Arc::new(SystemEntropy));
    let url = DatabaseUrl::new(url);
    Store::connect_lazy(&url, 2, vault, Arc::clone(&flow.clock), Arc::new(SystemEntropy)).unwrap()
}

/// Gives each client an account of its own.
async fn add_accounts(world: &World) {
    for client in 0..CLIENTS {
        world
            .execute(&format!(
                "insert into social_accounts (id, owner_id, platform, account_id, client_id, status, access_token,
                    connected_at, created_at, updated_at)
                values ('{}', 'client {client}', 'tiktok', 'remote {client}', 'app', 'active', 'sealed', now(), now(), now())",
                Uuid::from_u128(client + 1),
            ))
            .await;
    }
}

/// What one client says and hears, again and again.
async fn converse(store: &Store, client: u128, rounds: usize) {
    let owner = OwnerId::new(&format!("client {client}")).unwrap();
    let account = AccountId(Uuid::from_u128(client + 1));
    for round in 0..rounds {
        let caption = format!("'; select 'client {client}' -- \\ {round}");
        let new = NewPost {
            video_url: "https://example.com/v.mp4".to_owned(),
            caption: caption.clone(),
            title: None,
            publish_at: None,
            max_lateness: None,
            external_id: Some(format!("{client}/{round}")),
            ai_generated: None,
            results: vec![NewResult { account, caption: None, options: json!({"n": round}), consent: None }],
        };
        let Created::New(made) = store.create_post(&owner, &new, None, &Origin::default()).await.unwrap()
        else {
            panic!("no key")
        };
        assert_eq!((&made.owner, &made.caption), (&owner, &caption));
        let read = store.post(&owner, made.id).await.unwrap().unwrap();
        assert_eq!((read.id, read.caption, read.external_id), (made.id, caption, new.external_id));
        assert_eq!((read.results[0].account_id, &read.results[0].options), (account, &json!({"n": round})));
        let (posts, _) =
            store.posts(&owner, None, PAGE.try_into().unwrap(), &PostFilter::default()).await.unwrap();
        assert_eq!(posts.len(), PAGE.min(round + 1));
        assert!(posts.iter().all(|post| post.owner == owner), "another's row");
        let accounts = store.accounts(&owner, None, 100).await.unwrap();
        assert_eq!(accounts.len(), 1);
        assert_eq!((accounts[0].id, &accounts[0].owner), (account, &owner));
    }
}

async fn everybody_hears_their_own(world: &World, url: &str) {
    add_accounts(world).await;
    let store = store_of_two(world, url);
    join_all((0..CLIENTS).map(|client| converse(&store, client, ROUNDS))).await;
    store.close();
}

#[tokio::test]
async fn twenty_clients_over_two_connections_see_their_own_rows_alone() {
    let world = World::new().await;
    everybody_hears_their_own(&world, world.database_url()).await;
}

#[tokio::test]
async fn nothing_of_a_call_stays_on_its_connection() {
    let world = World::new().await;
    add_accounts(&world).await;
    let mut connection = PgConnection::connect(world.database_url()).await.unwrap();
    for call in [
        "select from list_accounts('client 1', null, 5)",
        "select from read_account('client 1', '00000000-0000-0000-0000-000000000002', 300, true)",
        "select from prepare_post('client 1', 'key', 'hash', '{}')",
        "select from visit_state('hash', 'cookie', gen_random_uuid())",
        "select from sweep()",
    ] {
        connection.execute(call).await.unwrap();
        let left: (String, String, i64) = sqlx::query_as(
            "select coalesce(current_setting('social.owner', true), ''),
                coalesce(current_setting('social.worker', true), ''), (select count(*) from social_accounts)",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        assert_eq!(left, (String::new(), String::new(), 0), "{call}");
    }
}

/// The store of each client has two connections to the pooler, which has two to Postgres.
async fn everybody_hears_their_own_through_a_pooler(mode: &str, rounds: usize) {
    let world = World::new().await;
    let Some(pooler) = Pooler::start(world.database_url(), mode, 2).await else { return };
    add_accounts(&world).await;
    let stores: Vec<Store> = (0..CLIENTS).map(|_| store_of_two(&world, &pooler.url)).collect();
    join_all((0..CLIENTS).zip(&stores).map(|(client, store)| converse(store, client, rounds))).await;
    stores.iter().for_each(Store::close);
    let expected = i64::try_from(CLIENTS).unwrap() * i64::try_from(rounds).unwrap();
    assert_eq!(world.scalar("select count(*) from social_posts").await, expected);
}

#[tokio::test]
async fn twenty_clients_of_a_pooler_in_transaction_mode_hear_their_own_answers() {
    everybody_hears_their_own_through_a_pooler("transaction", ROUNDS).await;
}

#[tokio::test]
async fn twenty_clients_of_a_pooler_in_statement_mode_hear_their_own_answers() {
    everybody_hears_their_own_through_a_pooler("statement", ROUNDS).await;
}

#[tokio::test]
#[ignore = "two hundred thousand calls"]
async fn ten_thousand_calls_of_each_client_of_a_pooler_bring_its_own_answers() {
    everybody_hears_their_own_through_a_pooler("transaction", MANY_ROUNDS).await;
}
