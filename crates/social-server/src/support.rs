//! What support does for an owner: requests of the API, by its own rules, without the owner's token.

use axum::body::Body;
use axum::extract::Request;
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use social_core::config::Mode;
use social_core::model::{OwnerId, ResultId};
use social_core::web::Functions;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::command::{Seen, Support};
use crate::error::ServerError;
use crate::logs::{self, Reader};
use crate::table::Table;
use crate::vars::Vars;

/// Runs `social-server accounts`.
pub(crate) fn accounts(options: &Support) -> Result<(), ServerError> {
    let accounts = Desk::open(options)?.list("/api/social-accounts", "accounts")?;
    if options.json {
        println!("{}", json!({ "accounts": accounts, "nextCursor": null }));
        return Ok(());
    }
    let mut table =
        Table::new(&["ACCOUNT", "PLATFORM", "USERNAME", "STATUS", "OPEN RESULTS", "CONNECTED AT"]);
    for account in &accounts {
        table.add(
            ["/id", "/platform", "/username", "/status", "/openResults", "/connectedAt"]
                .map(|name| member(account, name)),
        );
    }
    table.print();
    Ok(())
}

/// Runs `social-server results`.
pub(crate) fn results(options: &Support, state: Option<&str>) -> Result<(), ServerError> {
    let mut posts = Desk::open(options)?.list("/api/social-posts", "posts")?;
    for results in posts.iter_mut().filter_map(|post| post.get_mut("results")?.as_array_mut()) {
        results.retain(|result| state.is_none_or(|state| member(result, "/state") == state));
    }
    posts.retain(|post| member(post, "/results").as_array().is_some_and(|results| !results.is_empty()));
    print(options, &posts);
    Ok(())
}

/// Runs `social-server retry`.
pub(crate) fn retry(options: &Support, result: Uuid) -> Result<(), ServerError> {
    let desk = Desk::open(options)?;
    let path = format!("/api/social-posts/{}/retry", desk.post_of(result)?);
    let post = desk.ask(Method::POST, &path, None)?;
    print(options, &[post]);
    Ok(())
}

/// Runs `social-server resolve`.
pub(crate) fn resolve(options: &Support, result: Uuid, seen: Seen) -> Result<(), ServerError> {
    let desk = Desk::open(options)?;
    let path = format!("/api/social-posts/{}/resolve", desk.post_of(result)?);
    let outcome = match seen {
        Seen::Published => "published",
        Seen::NotPublished => "notPublished",
    };
    let post = desk.ask(Method::POST, &path, Some(&json!({ "resultId": result, "outcome": outcome })))?;
    print(options, &[post]);
    Ok(())
}

/// Prints posts: as the API has them, or one line for each result.
fn print(options: &Support, posts: &[Value]) {
    if options.json {
        println!("{}", json!({ "posts": posts, "nextCursor": null }));
        return;
    }
    let mut table = Table::new(&["RESULT", "POST", "PLATFORM", "STATE", "REASON", "CODE", "PUBLISH AT"]);
    for post in posts {
        for result in member(post, "/results").as_array().into_iter().flatten() {
            let [result_id, platform, state, reason, code] =
                ["/id", "/platform", "/state", "/heldReason", "/error/code"].map(|name| member(result, name));
            let [post_id, publish_at] = ["/id", "/publishAt"].map(|name| member(post, name));
            table.add([result_id, post_id, platform, state, reason, code, publish_at]);
        }
    }
    table.print();
}

/// Returns what a JSON pointer (RFC 6901) names; null if it names nothing.
fn member<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    static NOTHING: Value = Value::Null;
    value.pointer(pointer).unwrap_or(&NOTHING)
}

/// The API, for one owner.
struct Desk {
    functions: Functions,
    owner: OwnerId,
    runtime: Runtime,
}

impl Desk {
    fn open(options: &Support) -> Result<Self, ServerError> {
        let vars = Vars::of_environment();
        logs::start(&vars, Reader::Person);
        let owner = OwnerId::new(&options.owner).ok_or(ServerError::Owner)?;
        let functions = Functions::from_vars(Mode::Hosted, 1, &|name| vars.find(name))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(ServerError::Runtime)?;
        Ok(Self { functions, owner, runtime })
    }

    /// Makes a request, and returns the body of its response.
    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, ServerError> {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap_or_default();
        let (status, body) = self.runtime.block_on(async {
            let response = self.functions.answer_support(self.owner.clone(), request).await;
            let status = response.status();
            let body = response.into_body().collect().await.map(http_body_util::Collected::to_bytes);
            (status, body.unwrap_or_default())
        });
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status == StatusCode::OK {
            return Ok(body);
        }
        let text = |name: &str| member(&body, name).as_str().unwrap_or_default().to_owned();
        Err(ServerError::Refused { message: text("/error/message"), code: text("/error/code") })
    }

    /// Returns all items of a list, from all its pages.
    fn list(&self, path: &str, items: &str) -> Result<Vec<Value>, ServerError> {
        let mut all = Vec::new();
        let mut next = String::new();
        loop {
            let mut page = self.ask(Method::GET, &format!("{path}?limit=100{next}"), None)?;
            if let Some(items) = page.get_mut(items).and_then(Value::as_array_mut) {
                all.append(items);
            }
            match member(&page, "/nextCursor").as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => return Ok(all),
            }
        }
    }

    /// Returns the post of a result.
    fn post_of(&self, result: Uuid) -> Result<Uuid, ServerError> {
        let store = &self.functions.publisher.flow.store;
        let post = self.runtime.block_on(store.find_post(&self.owner, ResultId(result)))?;
        post.map(|post| post.0).ok_or(ServerError::NoResult)
    }
}
