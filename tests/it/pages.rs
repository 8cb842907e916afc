//! Which of a person's Pages are connected, and which are named as left out.

use http::header;
use serde_json::Value;
use social_sandbox::facebook::Role;

use crate::source::video;
use crate::stand_in;
use crate::world::World;

/// Connects the Pages that a person opens; returns the popup's redirect.
async fn connect(world: &World, person: &str) -> String {
    let form = format!("account={person}&scope=all&page=all&decision=allow");
    let (callback, cookie) =
        world.allow_at("/social-accounts-connect?platform=facebook", "alice", form).await;
    let landed = world.callback(&callback, &cookie).await;
    landed.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

/// Returns id and display name of each account.
async fn accounts(world: &World) -> Vec<(String, String)> {
    let listed = world.get("/social-accounts?limit=100", "alice").await.1;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let accounts = listed["accounts"].as_array().unwrap().iter();
    accounts.map(|one| (text(&one["id"]), text(&one["accountMetadata"]["displayName"]))).collect()
}

fn names(accounts: &[(String, String)]) -> Vec<&str> {
    let mut names: Vec<&str> = accounts.iter().map(|(_, name)| name.as_str()).collect();
    names.sort_unstable();
    names
}

/// Publishes on an account of `person` to the end.
async fn publishes(world: &World, account: &str) {
    let url = world.videos.put("v.mp4", video(1_000_000));
    let on = stand_in::of("facebook");
    on.without_limits(&world.sandbox);
    let post = world.publish_on(on, "alice", account, &url, &serde_json::json!({})).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
}

#[tokio::test]
async fn a_page_that_one_may_not_publish_on_is_named_beside_those_that_are_connected() {
    let world = World::new().await;
    let landed = connect(&world, "dana.demo").await;
    assert!(landed.contains("social=connected") && landed.contains("left_out=Reading+Room"), "{landed}");
    assert_eq!(names(&accounts(&world).await), ["Demo Bakery", "Demo Kitchen"]);
}

#[tokio::test]
async fn a_page_is_named_also_where_nothing_is_connected() {
    let world = World::new().await;
    let facebook = world.sandbox.facebook();
    let _ = facebook.assign("lena", "readings", Role::Analyst);
    let _ = facebook.assign("lena", "lena", Role::Tokenless);
    let landed = connect(&world, "lena").await;
    assert!(landed.contains("reason=no_account"), "{landed}");
    assert!(landed.contains("left_out=readings%2C+lena"), "{landed}");
    assert_eq!(facebook.calls("businesses"), 1, "nothing in the own list, so the businesses were asked");
}

#[tokio::test]
async fn a_new_style_page_and_an_odd_one_are_connected_and_published_on() {
    let world = World::new().await;
    let facebook = world.sandbox.facebook();
    let _ = facebook.assign("nora", "nora", Role::NewStyle);
    let odd = facebook.assign("nora", "oddity", Role::Odd);
    let landed = connect(&world, "nora").await;
    assert!(landed.contains("social=connected") && !landed.contains("left_out"), "{landed}");
    let accounts = accounts(&world).await;
    assert_eq!(names(&accounts), ["nora", "oddity"]);
    assert_eq!(facebook.calls("businesses"), 0);
    let known: Vec<String> = sqlx::query_scalar("select account_id from social_accounts order by account_id")
        .fetch_all(&world.db)
        .await
        .unwrap();
    assert!(known.contains(&odd), "a number is its text: {known:?}");
    for (account, _) in &accounts {
        publishes(&world, account).await;
    }
}

#[tokio::test]
async fn pages_behind_a_business_alone_are_found_own_and_clients_and_published_on() {
    let world = World::new().await;
    let facebook = world.sandbox.facebook();
    let _ = facebook.assign("paul", "paul", Role::Portfolio);
    let _ = facebook.assign("paul", "customer", Role::Client);
    let landed = connect(&world, "paul").await;
    assert!(landed.contains("social=connected"), "{landed}");
    let accounts = accounts(&world).await;
    assert_eq!(names(&accounts), ["customer", "paul"]);
    assert_eq!((facebook.calls("businesses"), facebook.calls("business_pages")), (1, 2));
    publishes(&world, &accounts[0].0).await;
}

#[tokio::test]
async fn without_the_permission_businesses_are_not_queried() {
    let world = World::new().await;
    let _ = world.sandbox.facebook().assign("paul", "paul", Role::Portfolio);
    let scopes = ["pages_show_list", "pages_read_engagement", "pages_manage_posts"];
    let scopes = scopes.map(|scope| format!("&scope={scope}")).concat();
    let form = format!("account=paul{scopes}&page=all&decision=allow");
    let (callback, cookie) =
        world.allow_at("/social-accounts-connect?platform=facebook", "alice", form).await;
    let landed = world.callback(&callback, &cookie).await;
    let landed = landed.headers()[header::LOCATION].to_str().unwrap();
    assert!(landed.contains("reason=no_account"), "{landed}");
    assert_eq!(world.sandbox.facebook().calls("businesses"), 0);
}

#[tokio::test]
async fn an_error_of_facebooks_own_has_its_own_reason() {
    let world = World::new().await;
    let form = "account=dana.demo&scope=all&page=all&decision=allow".to_owned();
    let (callback, cookie) =
        world.allow_at("/social-accounts-connect?platform=facebook", "alice", form).await;
    let (address, _) = callback.split_once('?').unwrap();
    let state = url::Url::parse(&callback).unwrap();
    let state = state.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let refused = format!("{address}?error_code=1349048&error_message=Can%27t+load+URL&state={state}");
    let landed = world.callback(&refused, &cookie).await;
    let landed = landed.headers()[header::LOCATION].to_str().unwrap();
    assert!(landed.contains("reason=platform_refused") && !landed.contains("1349048"), "{landed}");
}
