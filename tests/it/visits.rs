//! The callback is prefetched, opened by others, and opened again. It counts once, and every permitted
//! request gets the same redirect.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use social_core::clock::Deadline;
use social_core::web::Arrival;
use url::Url;

use crate::stand_in::{self, StandIn};
use crate::wire::Freeze;
use crate::world::World;

/// The requests of browsers and link checkers before a person opens the page.
const AHEAD: [(Method, &str, &str); 8] = [
    (Method::GET, "sec-purpose", "prefetch"),
    (Method::GET, "sec-purpose", "prefetch;prerender"),
    (Method::GET, "sec-purpose", "prefetch; anonymous-client-ip"),
    (Method::GET, "purpose", "Prefetch"),
    (Method::GET, "x-purpose", "preview"),
    (Method::GET, "x-moz", "prefetch"),
    (Method::HEAD, "sec-purpose", "prefetch"),
    (Method::HEAD, "accept", "*/*"),
];

/// Completes connect and consent at a platform, with everything allowed. Returns the callback's URL and the
/// cookie.
async fn consented(world: &World, on: &dyn StandIn, owner: &str) -> (String, String) {
    on.create_account(&world.sandbox, "demokitchen");
    let path = format!("/social-accounts-connect?platform={}", on.platform());
    world.allow_at(&path, owner, on.allow("demokitchen")).await
}

fn location(response: &Response<Bytes>) -> String {
    assert_eq!(response.status(), StatusCode::FOUND);
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

async fn visit(world: &World, url: &str, cookie: &str) -> String {
    location(&world.callback(url, cookie).await)
}

/// Checks that the state was not used.
async fn is_untouched(world: &World) {
    assert_eq!(world.scalar("select count(*) from oauth_states where consumed_at is not null").await, 0);
    assert_eq!(world.scalar("select count(*) from social_accounts").await, 0);
}

/// Returns the number of grants that a platform has given: one for each exchanged code.
async fn connections(world: &World) -> i64 {
    world.scalar("select coalesce(sum(token_version), 0)::bigint from social_accounts").await
}

/// Returns the same callback at the other of the two functions.
fn other_callback(url: &str) -> String {
    let (tiktok, any) = ("tiktok-callback", "social-accounts-callback");
    if url.contains(tiktok) { url.replace(tiktok, any) } else { url.replace(any, tiktok) }
}

#[tokio::test]
async fn who_looks_ahead_uses_nothing_up() {
    for on in stand_in::all() {
        let world = World::new().await;
        let (url, cookie) = consented(&world, on, "alice").await;
        for (method, name, value) in AHEAD {
            for url in [url.clone(), other_callback(&url)] {
                for cookie in [cookie.as_str(), ""] {
                    let headers = [(name, value), ("cookie", cookie)];
                    let answered = world.visit(&method, &url, &headers, Arrival::default()).await;
                    let what = format!("{} {method} {name}: {value}", on.platform());
                    assert_eq!(answered.status(), StatusCode::NO_CONTENT, "{what}");
                    assert_eq!(answered.headers()[header::CACHE_CONTROL], "no-store", "{what}");
                    assert!(answered.body().is_empty() && !answered.headers().contains_key(header::LOCATION));
                }
            }
        }
        is_untouched(&world).await;
        assert!(visit(&world, &url, &cookie).await.contains("social=connected"), "{}", on.platform());
    }
}

#[tokio::test]
async fn a_prefetch_or_another_browser_changes_nothing() {
    for on in stand_in::all() {
        let world = World::new().await;
        let (url, cookie) = consented(&world, on, "alice").await;
        let (_, bobs) = consented(&world, on, "bob").await;
        let forged = format!("{}=guess", cookie.split('=').next().unwrap());
        let denied = url.replace("code=", "error=access_denied&was=");
        for cookie in ["", "social-connect-0000=guess", &forged, &bobs] {
            for url in [&url, &denied] {
                let landed = visit(&world, url, cookie).await;
                assert!(landed.ends_with("reason=other_browser"), "{}: {landed}", on.platform());
            }
        }
        is_untouched(&world).await;
        assert!(visit(&world, &url, &cookie).await.contains("social=connected"), "{}", on.platform());
        // It does not learn the outcome either.
        assert!(visit(&world, &url, "").await.ends_with("reason=other_browser"));
        assert_eq!(connections(&world).await, 1);
    }
}

#[tokio::test]
async fn a_second_visit_of_the_same_browser_lands_where_the_first_did() {
    for on in stand_in::all() {
        let world = World::new().await;
        let (url, cookie) = consented(&world, on, "alice").await;
        let first = world.callback(&url, &cookie).await;
        assert!(!first.headers().contains_key(header::SET_COOKIE), "the cookie lives as long as the state");
        let first = location(&first);
        assert!(first.contains("social=connected"), "{first}");
        let tokens = "select md5(string_agg(a::text, ' ')) from social_accounts a";
        let before: String = sqlx::query_scalar(tokens).fetch_one(&world.db).await.unwrap();
        world.wire.freeze(usize::MAX, Freeze::BeforeTheCall);
        world.advance(Duration::from_secs(598)).await;
        world.app.publisher.flow.store.sweep(None).await.unwrap();
        for url in [url.clone(), other_callback(&url), url.replace("code=", "error=access_denied&was=")] {
            assert_eq!(visit(&world, &url, &cookie).await, first, "{}", on.platform());
        }
        let after: String = sqlx::query_scalar(tokens).fetch_one(&world.db).await.unwrap();
        let asked = world.wire.seen.load(std::sync::atomic::Ordering::SeqCst);
        assert_eq!((after, asked), (before, 0), "{}: nothing was asked and nothing changed", on.platform());
        // The stored row reveals no secret.
        let row: String = sqlx::query_scalar("select string_agg(s::text, ' ') from oauth_states s")
            .fetch_one(&world.db)
            .await
            .unwrap();
        let given = Url::parse(&url).unwrap();
        let secrets = given.query_pairs().filter(|(name, _)| name == "code" || name == "state");
        for secret in secrets
            .map(|(_, secret)| secret.into_owned())
            .chain(cookie.split_once('=').map(|(_, value)| value.to_owned()))
        {
            assert!(!row.contains(&secret), "{row}");
        }
        assert_eq!(world.scalar("select count(code_verifier) from oauth_states").await, 0);
        world.advance(Duration::from_secs(3)).await;
        for cookie in [cookie.as_str(), ""] {
            assert!(visit(&world, &url, cookie).await.ends_with("reason=state_used"), "{}", on.platform());
        }
    }
}

#[tokio::test]
async fn a_first_visit_that_ended_in_an_error_is_repeated_as_that_error() {
    for on in stand_in::all() {
        let world = World::new().await;
        let (allowed, cookie) = consented(&world, on, "alice").await;
        let denied = allowed.replace("code=", "error=access_denied&was=");
        let ahead = [("sec-purpose", "prefetch"), ("cookie", cookie.as_str())];
        world.visit(&Method::GET, &denied, &ahead, Arrival::default()).await;
        is_untouched(&world).await;
        let first = visit(&world, &denied, &cookie).await;
        assert!(first.ends_with(&format!("platform={}&reason=access_denied", on.platform())), "{first}");
        // A later code is worthless: the state was used.
        for url in [&denied, &allowed] {
            assert_eq!(visit(&world, url, &cookie).await, first);
        }
        assert_eq!(connections(&world).await, 0);
    }
}

#[tokio::test]
async fn a_wrong_endpoint_rejects_every_time_in_the_same_way() {
    let world = World::new().await;
    let (url, cookie) = consented(&world, stand_in::of("youtube"), "alice").await;
    for _ in 0..2 {
        let landed = visit(&world, &other_callback(&url), &cookie).await;
        assert!(landed.ends_with("platform=youtube&reason=other_platform"), "{landed}");
    }
}

#[tokio::test]
async fn a_second_visit_waits_for_the_first_and_lands_where_it_does() {
    let world = World::new().await;
    for on in stand_in::all() {
        let before = connections(&world).await;
        let (url, cookie) = consented(&world, on, "alice").await;
        world.wire.freeze(1, Freeze::AfterTheCall);
        let second = async {
            world.wire.frozen().await;
            // With no time left it returns what it knows.
            let now = Deadline::after(world.now(), Duration::ZERO);
            let arrival = Arrival { deadline: Some(now), ..Arrival::default() };
            let hasty = world.visit(&Method::GET, &url, &[("cookie", &cookie)], arrival).await;
            assert!(location(&hasty).ends_with("reason=state_used"));
            let go_on = async { world.wire.let_go() };
            tokio::join!(visit(&world, &url, &cookie), go_on).0
        };
        let (first, second) = tokio::join!(visit(&world, &url, &cookie), second);
        assert!(first.contains("social=connected"), "{first}");
        assert_eq!(first, second, "{}", on.platform());
        assert_eq!(connections(&world).await, before + 1, "{}", on.platform());
    }
}

#[tokio::test]
async fn a_visit_after_one_that_died_sends_the_code_no_second_time() {
    let world = World::new().await;
    let (url, cookie) = world.consent("alice", "demokitchen", "scope=all&decision=allow").await;
    world.wire.freeze(1, Freeze::BeforeTheCall);
    tokio::select! {
        landed = visit(&world, &url, &cookie) => panic!("{landed}"),
        () = world.wire.frozen() => {}
    }
    world.wire.thaw();
    let now = Deadline::after(world.now(), Duration::ZERO);
    let arrival = Arrival { deadline: Some(now), ..Arrival::default() };
    let landed = world.visit(&Method::GET, &url, &[("cookie", &cookie)], arrival).await;
    assert!(location(&landed).ends_with("platform=tiktok&reason=state_used"));
    assert_eq!(world.sandbox.tiktok().calls("token_exchange"), 0);
}

#[tokio::test]
async fn two_popups_of_one_browser_land_each_where_its_own_went() {
    let world = World::new().await;
    let (one, of_one) = consented(&world, stand_in::of("tiktok"), "alice").await;
    let (two, of_two) = consented(&world, stand_in::of("youtube"), "alice").await;
    let denied = two.replace("code=", "error=access_denied&was=");
    let both = format!("{of_one}; {of_two}");
    let (first, second) = tokio::join!(visit(&world, &one, &both), visit(&world, &denied, &both));
    assert!(first.ends_with("social=connected&platform=tiktok"), "{first}");
    assert!(second.ends_with("platform=youtube&reason=access_denied"), "{second}");
    assert_eq!((visit(&world, &one, &both).await, visit(&world, &denied, &both).await), (first, second));
    let (_, accounts) = world.get("/social-accounts", "alice").await;
    assert_eq!(accounts["accounts"].as_array().unwrap().len(), 1);
}
