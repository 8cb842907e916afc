//! Postgres executes the call of an owner's request, and its response is lost: once, which the client does not notice, and
//! twice in a row, which the client is told. Nothing is doubled, nothing lost.

use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use serde_json::{Value, json};
use social_core::web::Arrival;

use crate::line::Line;
use crate::stand_in;
use crate::world::{World, answer, public, read, token};

/// An instance behind a line that can be cut, with one account.
async fn behind_a_line() -> (World, Line, String) {
    let mut world = World::new().await;
    world.without_limits();
    let account = world.connect("alice", "demokitchen").await;
    let (line, url) = Line::start(world.database_url());
    world.set("DATABASE_URL", &url);
    (world, line, account)
}

/// What a client is told whose request may have been done, or not.
fn is_unknown(response: &Response<Bytes>) {
    let (status, body) = read(response);
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
    assert_eq!(body["error"]["code"], "database_unavailable");
    let pause: u64 = response.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=5).contains(&pause));
}

fn landed(response: &Response<Bytes>) -> &str {
    response.headers()[header::LOCATION].to_str().unwrap()
}

async fn create(world: &World, account: &str, key: &str) -> Response<Bytes> {
    let body = json!({
        "videoUrl": "https://example.com/v.mp4", "caption": "hello",
        "results": [{"accountId": account, "tiktok": public()}],
    });
    let request = http::Request::post("/.netlify/functions/social-posts")
        .header(header::AUTHORIZATION, format!("Bearer {}", token("alice")))
        .header("idempotency-key", key)
        .body(body.to_string().into())
        .unwrap();
    answer(&world.app, request, Arrival::default()).await
}

#[tokio::test]
async fn to_connect_survives_a_lost_answer_on_every_platform() {
    let (world, line, _) = behind_a_line().await;
    let mut known = 1;
    for on in stand_in::all() {
        // One or two answers are lost, from the first or the second of the callback's calls on.
        for (from, lost) in [(1, 1), (2, 1), (2, 2)] {
            let handle = format!("kitchen{from}{lost}");
            on.create_account(&world.sandbox, &handle);
            let path = format!("/social-accounts-connect?platform={}", on.platform());
            line.lose_answer(1);
            let (url, cookie) = world.allow_at(&path, "alice", on.allow(&handle)).await;
            assert!(line.was_cut());
            line.lose_answers(from, lost);
            let first = world.callback(&url, &cookie).await;
            let what = format!("{} {from} {lost}: {}", on.platform(), landed(&first));
            assert!(line.was_cut() && landed(&first).contains("social=connected"), "{what}");
            assert_eq!(landed(&world.callback(&url, &cookie).await), landed(&first), "{what}");
            // Each account that the grant opens was kept, and once.
            let kept = world.scalar("select count(*) from social_accounts").await;
            let twice = world.scalar("select count(*) from social_accounts where token_version <> 1").await;
            assert!(kept > known && twice == 0, "{what}");
            known = kept;
        }
    }
    assert_eq!(world.scalar("select count(*) from oauth_states where landed is null").await, 0);
    // A callback that cannot know whether the state was consumed says so, and connects nothing.
    let (url, cookie) = world.consent("alice", "demokitchen", "scope=all&decision=allow").await;
    line.lose_answers(1, 2);
    let first = world.callback(&url, &cookie).await;
    assert!(landed(&first).contains("reason=internal_error"), "{}", landed(&first));
    line.lose_answers(1, 2);
    let path = "/social-accounts-connect?platform=tiktok";
    is_unknown(&world.call(Method::GET, path, Some("alice"), None).await);
}

#[tokio::test]
async fn a_post_is_made_once_whichever_answers_are_lost() {
    let (mut world, line, account) = behind_a_line().await;
    // A process that does not know the account reads it first; one that does needs one call.
    let unknown = [(1, 1), (2, 1), (1, 2), (2, 2)].map(|lost| (false, lost));
    let known = [(1, 1), (1, 2)].map(|lost| (true, lost));
    for (at, (is_known, (from, lost))) in unknown.into_iter().chain(known).enumerate() {
        let key = format!("key {at}");
        if !is_known {
            world.app = world.another_app();
        }
        line.lose_answers(from, lost);
        let first = create(&world, &account, &key).await;
        assert!(line.was_cut());
        if lost == 2 {
            is_unknown(&first);
        } else {
            assert_eq!(first.status(), StatusCode::ACCEPTED, "{:?}", first.body());
        }
        let (status, again) = read(&create(&world, &account, &key).await);
        assert_eq!(status, StatusCode::ACCEPTED);
        if lost == 1 {
            assert_eq!(read(&first).1["id"], again["id"]);
        }
        let made = world.scalar("select count(*) from social_posts").await;
        assert_eq!(made, i64::try_from(at).unwrap() + 1, "from {from}, {lost} lost");
    }
}

#[tokio::test]
async fn a_change_is_made_once_and_told_truly() {
    let (world, line, account) = behind_a_line().await;
    let (_, post) = read(&create(&world, &account, "key").await);
    let path = format!("/social-posts/{}", post["id"].as_str().unwrap());
    let resolved = json!({"resultId": post["results"][0]["id"], "outcome": "notPublished"});
    let failed = "update post_results set state = 'failed', due_at = null, error_code = 'odd'";
    let doubted = "update post_results set state = 'in_doubt', due_at = null, error_code = 'odd'";
    let queued = "update post_results set state = 'queued', due_at = social_now(), error_code = null";
    let changes: [(&str, Method, &str, Option<Value>, &str); 4] = [
        (queued, Method::PATCH, "", Some(json!({"videoUrl": "https://example.com/other.mp4"})), "queued"),
        (queued, Method::POST, "/cancel", None, "cancelled"),
        (failed, Method::POST, "/retry", None, "queued"),
        (doubted, Method::POST, "/resolve", Some(resolved), "failed"),
    ];
    for (before, method, suffix, body, after) in changes {
        for lost in [1, 2] {
            world.execute(before).await;
            let version = world.scalar("select version from social_posts").await;
            let mut body = body.clone();
            if method == Method::PATCH {
                body.as_mut().unwrap()["version"] = json!(version);
            }
            line.lose_answers(1, lost);
            let to = format!("{path}{suffix}");
            let answered = world.call(method.clone(), &to, Some("alice"), body).await;
            assert!(line.was_cut());
            if lost == 1 {
                let (status, shown) = read(&answered);
                assert_eq!(status, StatusCode::OK, "{method} {to}: {shown}");
                assert_eq!(shown["results"][0]["state"], after, "{method} {to}");
                assert_eq!(shown["version"], version + 1);
            } else {
                is_unknown(&answered);
            }
            assert_eq!(world.scalar("select version from social_posts").await, version + 1, "{method} {to}");
            assert_eq!(world.result("alice", post["id"].as_str().unwrap()).await["state"], after);
        }
    }
}

#[tokio::test]
async fn an_account_is_disconnected_whichever_answers_are_lost() {
    let (world, line, account) = behind_a_line().await;
    let path = format!("/social-accounts/{account}");
    for (from, lost) in [(1, 2), (2, 2), (1, 1), (2, 1)] {
        line.lose_answers(from, lost);
        let answered = world.call(Method::DELETE, &path, Some("alice"), None).await;
        assert!(line.was_cut());
        if lost == 2 {
            is_unknown(&answered);
        } else {
            assert_eq!(answered.status(), StatusCode::NO_CONTENT);
        }
        let held = world.scalar("select count(*) from social_accounts where access_token is not null").await;
        assert_eq!(held, i64::from((from, lost) == (1, 2)), "from {from}, {lost} lost");
    }
    assert_eq!(world.sandbox.tiktok().calls("revoke"), 1);
}
