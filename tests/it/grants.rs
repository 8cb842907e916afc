//! One grant for several accounts, and renewal of grants while no post is due.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;
use social_core::clock::Deadline;
use social_core::config::Rate;
use social_core::model::{
    Account, AccountMetadata, AccountStatus, Connection, Grant, Origin, OwnerId, ReturnTo,
};
use social_core::platform::RemoteAccount;
use social_core::secret::{AccessToken, RefreshToken};
use social_core::store::{Connected, Connecting, Store, Visit};
use social_sandbox::{Fault, FaultKind};

use crate::source::video;
use crate::webhook::deliver;
use crate::world::{World, public, tiktok_id};

fn page(id: &str, token: &str) -> RemoteAccount {
    RemoteAccount { token: Some(AccessToken::new(token)), ..RemoteAccount::unnamed(id) }
}

fn of_a_person() -> Grant {
    Grant {
        refresh_token: Some(RefreshToken::new("refresh")),
        expires_in: Some(Duration::from_hours(1)),
        granted_by: Some("501".to_owned()),
        scopes: vec!["pages_manage_posts".to_owned()],
        ..Grant::new(AccessToken::new("person"))
    }
}

/// Keeps a state under a hash. Returns its cookie's hash.
async fn keep_state(store: &Store, owner: &str, state_hash: &[u8]) -> Vec<u8> {
    let connection = Connection {
        owner: OwnerId::new(owner).unwrap(),
        platform: tiktok_id(),
        redirect_uri: "http://localhost".to_owned(),
        code_verifier: None,
        cookie_hash: vec![9; 32],
        return_to: ReturnTo::default(),
        reconnects: None,
    };
    store
        .keep_state(state_hash, &connection, Duration::from_mins(10), Rate::UNLIMITED)
        .await
        .unwrap()
        .unwrap();
    connection.cookie_hash
}

/// Keeps what a grant opens for alice, as a callback without a state would.
async fn keep(store: &Store, grant: &Grant, known: &[Account], remotes: &[RemoteAccount]) -> Connected {
    let connecting = Connecting {
        owner: &OwnerId::new("alice").unwrap(),
        platform: &tiktok_id(),
        client_id: "app",
        grant,
        state_hash: &[],
        redirect_query: "social=connected",
        origin: &Origin::default(),
    };
    store.connect_accounts(connecting, known, remotes).await.unwrap()
}

#[tokio::test]
async fn each_account_of_a_grant_keeps_its_own_token() {
    let world = World::new().await;
    let store = &world.app.publisher.flow.store;
    let alice = OwnerId::new("alice").unwrap();
    let own = json!({"uploads": "UU3"}).as_object().unwrap().clone();
    let third = RemoteAccount {
        metadata: AccountMetadata { own, ..AccountMetadata::default() },
        ..RemoteAccount::unnamed("3")
    };
    let remotes = [page("2", "page-two"), page("1", "page-one"), third];
    let grant = of_a_person();
    let Connected::Kept(accounts) = keep(store, &grant, &[], &remotes).await else {
        panic!("nobody else connects")
    };
    assert_eq!(accounts.len(), 3);
    for account in &accounts {
        let held = store.grant(&alice, account.id).await.unwrap().unwrap();
        let expected = match account.remote_id.as_str() {
            "1" => ("page-one", None, false),
            "2" => ("page-two", None, false),
            _ => ("person", Some("refresh"), false),
        };
        let refresh = held.refresh_token.as_ref().map(RefreshToken::expose);
        assert_eq!((held.access_token.expose(), refresh, held.dies_soon), expected);
        assert_eq!(held.granted_by.as_deref(), Some("501"));
        assert_eq!(account.scopes, ["pages_manage_posts"]);
    }
    assert_eq!(
        world
            .scalar("select count(*) from social_accounts where token_expires_at is null and refresh_token is null")
            .await,
        2
    );
    // Without a refresh token this time: the old one stays, and is still valid.
    let again = Grant { refresh_token: None, ..of_a_person() };
    let remotes = [RemoteAccount::unnamed("3")];
    // Who did not see that the account is there is told so, and nothing is kept.
    let Connected::Changed(known) = keep(store, &again, &[], &remotes).await else {
        panic!("it was not seen")
    };
    assert_eq!(known.len(), 3);
    assert!(matches!(keep(store, &again, &known, &remotes).await, Connected::Kept(_)));
    let third = accounts.iter().find(|account| account.remote_id == "3").unwrap();
    // Fields of one platform survive a connection that does not return them, and are shown with the rest.
    let shown = world.get(&format!("/social-accounts/{}", third.id), "alice").await.1;
    assert_eq!(shown["accountMetadata"], json!({"uploads": "UU3"}));
    let held = store.grant(&alice, third.id).await.unwrap().unwrap();
    assert_eq!(held.refresh_token.unwrap().expose(), "refresh");
}

#[tokio::test]
async fn a_grant_is_revoked_with_the_last_account_that_uses_it() {
    let world = World::new().await;
    let kitchen = world.connect("alice", "demokitchen").await;
    let garden = world.connect("bob", "quietgarden").await;
    world.execute("update social_accounts set granted_by = '501'").await;
    let disconnect = async |account: &str, owner| {
        let path = format!("/social-accounts/{account}");
        let gone = world.call(Method::DELETE, &path, Some(owner), None).await;
        assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    };
    disconnect(&kitchen, "alice").await;
    assert_eq!(world.sandbox.tiktok().calls("revoke"), 0, "another account lives on it");
    disconnect(&garden, "bob").await;
    assert_eq!(world.sandbox.tiktok().calls("revoke"), 1);
    assert_eq!(world.scalar("select count(*) from social_accounts where status = 'disconnected'").await, 2);
}

#[tokio::test]
async fn an_owner_who_disconnects_revokes_no_grant_of_another_owner_of_the_same_account() {
    let world = World::new().await;
    let owners = ["alice", "bob"];
    let connect = async |platform: &str, owner| {
        let path = format!("/social-accounts-connect?platform={platform}");
        let (callback, cookie) =
            world.consent_at(&path, owner, "demokitchen", "scope=all&decision=allow").await;
        let landed = world.callback(&callback, &cookie).await;
        let location = landed.headers()[http::header::LOCATION].to_str().unwrap().to_owned();
        assert!(location.contains("social=connected"), "{platform}: {location}");
    };
    for platform in ["tiktok", "youtube"] {
        for owner in owners {
            connect(platform, owner).await;
        }
        // An account from before the platform named the person of a grant.
        world.execute("update social_accounts set granted_by = null").await;
        let revoked = || match platform {
            "tiktok" => world.sandbox.tiktok().calls("revoke"),
            _ => world.sandbox.youtube().calls("revoke"),
        };
        for (owner, expected) in owners.into_iter().zip([0, 1]) {
            let accounts = world.get("/social-accounts", owner).await.1;
            let of_platform = |account: &&serde_json::Value| account["platform"] == platform;
            let account = accounts["accounts"].as_array().unwrap().iter().find(of_platform).unwrap();
            let path = format!("/social-accounts/{}", account["id"].as_str().unwrap());
            let gone = world.call(Method::DELETE, &path, Some(owner), None).await;
            assert_eq!((gone.status(), revoked()), (StatusCode::NO_CONTENT, expected), "{platform}, {owner}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_given_back_is_tried_again_and_erased() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    world.sandbox.fail(Fault::tiktok("revoke", FaultKind::Html { status: 502 }).times(9));
    let path = format!("/social-accounts/{account}");
    let gone = world.call(Method::DELETE, &path, Some("alice"), None).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(world.sandbox.tiktok().calls("revoke"), 3);
    assert_eq!(world.scalar("select count(*) from social_accounts where access_token is null").await, 1);
}

#[tokio::test]
async fn a_callback_knows_the_accounts_that_its_owner_has_on_the_platform() {
    let world = World::new().await;
    let store = &world.app.publisher.flow.store;
    world.connect("alice", "demokitchen").await;
    world.connect("alice", "quietgarden").await;
    for (owner, expected) in [("alice", 2), ("bob", 0)] {
        let cookie_hash = keep_state(store, owner, &[7; 32]).await;
        let Visit::First(connection, known) = store.visit_state(&[7; 32], &cookie_hash).await.unwrap() else {
            panic!("nobody visited it before")
        };
        assert_eq!((connection.owner.as_str(), known.len()), (owner, expected));
        assert!(known.iter().all(|account| account.status == AccountStatus::Active));
        world.execute("delete from oauth_states").await;
    }
}

#[tokio::test]
async fn an_idle_account_is_refreshed_before_it_expires() {
    let world = World::new().await;
    world.connect("alice", "demokitchen").await;
    let flow = &world.app.publisher.flow;
    flow.refresh_idle(flow.soon()).await.unwrap();
    world.advance(Duration::from_hours(25)).await;
    flow.refresh_idle(flow.soon()).await.unwrap();
    assert_eq!(world.sandbox.tiktok().calls("token_refresh"), 0, "its refresh token lives for a year");
    world.advance(Duration::from_hours(24 * 340)).await;
    flow.refresh_idle(Deadline::after(world.now(), Duration::from_secs(3))).await.unwrap();
    assert_eq!(world.sandbox.tiktok().calls("token_refresh"), 0, "a lost response may cost the grant");
    flow.refresh_idle(flow.soon()).await.unwrap();
    flow.refresh_idle(flow.soon()).await.unwrap();
    assert_eq!(world.sandbox.tiktok().calls("token_refresh"), 1, "once, and then it is no longer idle");
}

#[tokio::test]
async fn idle_accounts_are_found_by_the_way_their_platform_renews() {
    let world = World::new().await;
    world.connect("alice", "demokitchen").await;
    let store = &world.app.publisher.flow.store;
    let day = [(tiktok_id(), Duration::from_hours(24))];
    let found = async |renewed: &[_]| store.find_idle_accounts(renewed, 9).await.unwrap().len();
    // A token that renews itself, from the age of a day until it expires.
    world.execute("update social_accounts set token_expires_at = social_now() + interval '60 days'").await;
    assert_eq!(found(&day).await, 0);
    world.advance(Duration::from_hours(24)).await;
    assert_eq!((found(&day).await, found(&[]).await), (1, 0));
    world.advance(Duration::from_hours(24 * 60)).await;
    assert_eq!(found(&day).await, 0, "a lapsed token is not renewed");
    // A refresh token without a known expiry is used once a month; one that expires soon, at once.
    world.execute("update social_accounts set token_obtained_at = social_now() - interval '29 days', refresh_expires_at = null").await;
    assert_eq!(found(&[]).await, 0);
    world.advance(Duration::from_hours(25)).await;
    assert_eq!(found(&[]).await, 1);
}

#[tokio::test]
async fn a_failing_token_endpoint_is_called_once_a_minute_for_all_posts_together() {
    let world = World::new().await;
    let account = world.post_often(8).await;
    // The maintenance run needs one as well.
    world
        .execute(
            "update social_accounts set token_expires_at = social_now() - interval '1 minute',
                token_obtained_at = social_now() - interval '2 days', refresh_expires_at = social_now() + interval '1 day'",
        )
        .await;
    world.sandbox.fail(Fault::tiktok("token_refresh", FaultKind::Html { status: 502 }).times(1000));
    let flow = &world.app.publisher.flow;
    let options = format!("/social-accounts/{account}/posting-options");
    for second in 0..180_u64 {
        world.work().await;
        flow.refresh_idle(flow.soon()).await.unwrap();
        let (status, body) = world.get(&options, "alice").await;
        assert_eq!((status, &body["error"]["code"]), (StatusCode::CONFLICT, &json!("platform_unavailable")));
        assert_eq!(world.sandbox.tiktok().calls("token_refresh"), second / 60 + 1, "after {second} s");
        world.advance(Duration::from_secs(1)).await;
    }
    world.sandbox.clear_faults();
    world.run_to_the_end().await;
    assert_eq!(world.scalar("select count(*) from post_results where state = 'published'").await, 8);
    assert_eq!(world.sandbox.tiktok().calls("token_refresh"), 4, "three that failed, and one");
}

/// How a grant ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// The token endpoint returns `invalid_grant`.
    AtTheTokenEndpoint,
    /// The platform rejects a token, and the new one as well.
    AtACall,
    /// The platform sends a webhook.
    ByWebhook,
    /// Its owner disconnects the account.
    ByItsOwner,
}

#[tokio::test]
async fn every_result_held_by_an_ended_grant_has_the_reason() {
    for end in [End::AtTheTokenEndpoint, End::AtACall, End::ByWebhook, End::ByItsOwner] {
        let world = World::new().await;
        let account = world.connect("alice", "demokitchen").await;
        let url = world.videos.put("v.mp4", video(200_000));
        let mut posts = Vec::new();
        for at in 0..8 {
            let publish_at = world.now() + Duration::from_mins(at * at);
            let body = json!({"videoUrl": url, "caption": "hello", "publishAt": publish_at.to_rfc3339(),
                "results": [{"accountId": account, "tiktok": public()}]});
            let (status, post) = world.post("/social-posts", "alice", body).await;
            assert_eq!(status, StatusCode::ACCEPTED, "{post}");
            posts.push(post["id"].as_str().unwrap().to_owned());
        }
        let sandbox = world.sandbox.tiktok();
        let open_id = sandbox.open_id("demokitchen").unwrap();
        match end {
            End::AtTheTokenEndpoint => {
                assert!(sandbox.expire_refresh_tokens("demokitchen"));
                world.execute("update social_accounts set token_expires_at = social_now()").await;
            }
            End::AtACall => {
                let declined =
                    FaultKind::Status { status: 401, code: "access_token_invalid".into(), retry_after: None };
                world.sandbox.fail(Fault::tiktok("creator_info", declined).times(9));
            }
            End::ByWebhook => {
                world.advance(Duration::from_secs(1)).await;
                deliver(&world, "authorization.removed", &open_id, json!({"reason": 1})).await;
            }
            End::ByItsOwner => {
                let path = format!("/social-accounts/{account}");
                world.call(Method::DELETE, &path, Some("alice"), None).await;
            }
        }
        world.work().await;
        for post in &posts {
            let result = world.result("alice", post).await;
            assert_eq!(
                (&result["state"], &result["heldReason"]),
                (&json!("held"), &json!("needsReconnect")),
                "{end:?}: {result}"
            );
            assert_eq!(result["error"]["code"], "needs_reconnect", "{end:?}: {result}");
            let message = result["error"]["message"].as_str().unwrap();
            assert!(message.contains("Reconnect the account."), "{end:?}: {message}");
        }
        world.sandbox.clear_faults();
        world.connect("alice", "demokitchen").await;
        let result = world.result("alice", &posts[7]).await;
        assert_eq!(
            (&result["state"], &result["error"]),
            (&json!("queued"), &json!(null)),
            "{end:?}: {result}"
        );
    }
}
