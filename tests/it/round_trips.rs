//! What each endpoint costs the database on a warm instance: round trips, counted on the wire and held.

use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use social_core::web::Arrival;

use crate::courier::listed;
use crate::line::Line;
use crate::stand_in;
use crate::world::{World, answer, public, token};

/// A warm instance behind a line that counts, with one account.
struct Warm {
    world: World,
    line: Line,
    account: String,
}

impl Warm {
    async fn new() -> Self {
        let mut world = World::new().await;
        world.without_limits();
        let account = world.connect("alice", "demokitchen").await;
        let (line, url) = Line::start(world.database_url());
        world.set("DATABASE_URL", &url);
        // The first call opens the connection.
        world.get("/social-accounts", "alice").await;
        line.take();
        Self { world, line, account }
    }

    /// Whether what was just done took so many round trips, each with one statement.
    fn cost(&self, expected: u64, what: &str) {
        let (round_trips, statements) = self.line.take();
        assert_eq!((round_trips, statements), (expected, expected), "{what}");
    }

    /// Makes a request of alice's that is answered so, and takes so many round trips.
    async fn answers(&self, request: (Method, &str), body: Option<Value>, expected: (u16, u64)) -> Value {
        let (method, path) = request;
        let what = format!("{method} {path}");
        let response = self.world.call(method, path, Some("alice"), body).await;
        let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        assert_eq!(response.status().as_u16(), expected.0, "{what}: {body}");
        self.cost(expected.1, &what);
        body
    }

    async fn get(&self, path: &str) -> Value {
        self.answers((Method::GET, path), None, (200, 1)).await
    }

    async fn post(&self, path: &str, body: Option<Value>, expected: (u16, u64)) -> Value {
        self.answers((Method::POST, path), body, expected).await
    }

    fn draft(&self) -> Value {
        let results = [json!({"accountId": self.account, "tiktok": public()})];
        json!({"videoUrl": "https://example.com/v.mp4", "caption": "hello", "results": results})
    }

    /// Makes a post and returns its path.
    async fn made(&self) -> String {
        let post = self.post("/social-posts", Some(self.draft()), (202, 2)).await;
        format!("/social-posts/{}", post["id"].as_str().unwrap())
    }
}

#[tokio::test]
async fn to_connect_takes_one_round_trip_and_the_callback_two_on_every_platform() {
    let Warm { world, line, account } = Warm::new().await;
    for on in stand_in::all() {
        on.create_account(&world.sandbox, "quietgarden");
        let path = format!("/social-accounts-connect?platform={}", on.platform());
        let (url, cookie) = world.allow_at(&path, "alice", on.allow("quietgarden")).await;
        assert_eq!(line.take(), (1, 1), "{path}");
        for expected in [2, 1] {
            let landed = world.callback(&url, &cookie).await;
            let landed = landed.headers()[header::LOCATION].to_str().unwrap();
            assert!(landed.contains("social=connected"), "{landed}");
            assert_eq!(line.take(), (expected, expected), "{}", on.platform());
        }
    }
    let path = format!("/tiktok-connect?accountId={account}");
    let (url, cookie) = world.consent_at(&path, "alice", "demokitchen", "scope=all&decision=allow").await;
    assert_eq!(line.take(), (1, 1), "to connect again");
    assert!(
        world.callback(&url, &cookie).await.headers()[header::LOCATION]
            .to_str()
            .unwrap()
            .contains("connected")
    );
    assert_eq!(line.take(), (2, 2), "to connect again");
    let (url, cookie) = world.consent("alice", "demokitchen", "scope=all&decision=deny").await;
    line.take();
    assert!(
        world.callback(&url, &cookie).await.headers()[header::LOCATION].to_str().unwrap().contains("error")
    );
    assert_eq!(line.take(), (2, 2), "to say no");
}

#[tokio::test]
async fn a_list_or_a_look_takes_one_round_trip() {
    let warm = Warm::new().await;
    let post = warm.made().await;
    let attempts = format!("{post}/attempts");
    for path in ["/social-posts", "/social-posts/audit", &post, &attempts] {
        warm.get(path).await;
    }
    let account = format!("/social-accounts/{}", warm.account);
    let options = format!("{account}/posting-options");
    for path in ["/social-accounts", &account, &options] {
        warm.get(path).await;
    }
    let unknown = "/social-posts/00000000-0000-7000-8000-000000000000";
    for path in [unknown.to_owned(), format!("{unknown}/attempts")] {
        warm.answers((Method::GET, &path), None, (404, 1)).await;
    }
    listed(&warm.world, "state=failed").await;
    warm.cost(1, "webhook messages");
}

/// Where the accounts are not known, a first call reads them and the key; the draft is checked against them.
#[tokio::test]
async fn to_create_takes_one_round_trip_once_the_accounts_are_known() {
    let warm = Warm::new().await;
    warm.made().await;
    for (key, expected) in [("one", 1), ("one", 1), ("other", 1)] {
        let request = http::Request::post("/.netlify/functions/social-posts")
            .header(header::AUTHORIZATION, format!("Bearer {}", token("alice")))
            .header("idempotency-key", key)
            .body(warm.draft().to_string().into())
            .unwrap();
        let answered = answer(&warm.world.app, request, Arrival::default()).await;
        assert_eq!(answered.status(), StatusCode::ACCEPTED);
        warm.cost(expected, key);
    }
    assert_eq!(warm.world.scalar("select count(*) from social_posts").await, 3);
    warm.post("/social-posts", Some(json!({"videoUrl": "nothing", "results": []})), (422, 0)).await;
}

#[tokio::test]
async fn to_validate_a_post_makes_its_accounts_known() {
    let warm = Warm::new().await;
    warm.world.post("/social-posts/validate", "alice", warm.draft()).await;
    warm.line.take();
    warm.post("/social-posts", Some(warm.draft()), (202, 1)).await;
}

/// The third call makes the post: the first reports that an account has changed, the second reads it.
#[tokio::test]
async fn an_account_that_has_changed_is_read_again_before_a_post_is_made_for_it() {
    let warm = Warm::new().await;
    warm.made().await;
    warm.world.execute("update social_accounts set scopes = array_append(scopes, 'more')").await;
    warm.post("/social-posts", Some(warm.draft()), (202, 3)).await;
    warm.post("/social-posts", Some(warm.draft()), (202, 1)).await;
    warm.world.execute("update social_accounts set status = 'needs_reconnect'").await;
    let refused = warm.post("/social-posts", Some(warm.draft()), (422, 2)).await;
    assert_eq!(refused["error"]["code"], "account_needs_reconnect");
    warm.world.execute("update social_accounts set status = 'active'").await;
    warm.post("/social-posts", Some(warm.draft()), (202, 2)).await;
    warm.world.execute("delete from post_results").await;
    warm.world.execute("delete from social_accounts").await;
    let refused = warm.post("/social-posts", Some(warm.draft()), (422, 2)).await;
    assert_eq!(refused["error"]["code"], "account_not_found");
}

#[tokio::test]
async fn an_account_that_is_known_is_still_only_its_owners() {
    let warm = Warm::new().await;
    warm.made().await;
    let (status, refused) = warm.world.post("/social-posts", "bob", warm.draft()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["error"]["code"], "account_not_found");
}

#[tokio::test]
async fn a_change_takes_one_round_trip_once_the_post_and_its_accounts_are_known() {
    let warm = Warm::new().await;
    let post = warm.made().await;
    for edit in [
        json!({"version": 1, "videoUrl": "https://example.com/other.mp4"}),
        json!({"version": 2, "caption": "other"}),
        json!({"version": 3, "results": warm.draft()["results"]}),
    ] {
        warm.answers((Method::PATCH, &post), Some(edit), (200, 1)).await;
    }
    let late = json!({"version": 3, "caption": "late"});
    let conflict = warm.answers((Method::PATCH, &post), Some(late), (409, 2)).await;
    assert_eq!(conflict["error"]["code"], "version_conflict");
    warm.post(&format!("{post}/cancel"), None, (200, 1)).await;
    warm.post(&format!("{post}/cancel"), None, (409, 1)).await;
    let failed = "update post_results set state = 'failed', error_code = 'odd'";
    warm.world.execute(failed).await;
    warm.post(&format!("{post}/retry"), None, (200, 1)).await;
    warm.world.execute("update post_results set state = 'in_doubt', due_at = null, error_code = 'odd'").await;
    let shown = warm.get(&post).await;
    let body = json!({"resultId": shown["results"][0]["id"], "outcome": "notPublished"});
    warm.post(&format!("{post}/resolve"), Some(body), (200, 1)).await;
}

/// The third call makes the edit: the first reports that an account has changed, the second reads it. What is wrong for what
/// is known is checked once more.
#[tokio::test]
async fn an_edit_is_checked_against_accounts_as_they_are_now() {
    let warm = Warm::new().await;
    let post = warm.made().await;
    let edit = |version: i64| json!({"version": version, "caption": format!("edit {version}")});
    warm.world.execute("update social_accounts set scopes = array_append(scopes, 'more')").await;
    warm.answers((Method::PATCH, &post), Some(edit(1)), (200, 3)).await;
    warm.answers((Method::PATCH, &post), Some(edit(2)), (200, 1)).await;
    let open_to_nobody = json!({"version": 3, "results": [{"accountId": warm.account, "tiktok": {}}]});
    let refused = warm.answers((Method::PATCH, &post), Some(open_to_nobody), (422, 1)).await;
    assert_eq!(refused["error"]["code"], "privacy_level_missing");
    warm.world.execute("update social_posts set version = 7").await;
    warm.answers((Method::PATCH, &post), Some(edit(7)), (200, 2)).await;
    let stranger = warm.world.call(Method::PATCH, &post, Some("bob"), Some(edit(8))).await;
    assert_eq!(stranger.status(), StatusCode::NOT_FOUND);
}

/// The first reads the grant, which the platform is asked to take back; the second erases it.
#[tokio::test]
async fn to_disconnect_takes_two_round_trips() {
    let warm = Warm::new().await;
    let path = format!("/social-accounts/{}", warm.account);
    warm.answers((Method::DELETE, &path), None, (204, 2)).await;
    assert_eq!(warm.world.sandbox.tiktok().calls("revoke"), 1);
}
