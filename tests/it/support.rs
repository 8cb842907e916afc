//! What support does for an owner: the API, by its own rules, without a token.

use http::StatusCode;
use social_core::model::{OwnerId, ResultId};
use uuid::Uuid;

use crate::call::whole;
use crate::source::video;
use crate::world::{World, public, read};

#[tokio::test]
async fn support_acts_for_one_owner_and_a_request_from_outside_cannot() {
    let world = World::new().await;
    let post = world.posted("demokitchen", video(1_000_000), public()).await;
    let ask = async |owner: Option<&str>, path: String| {
        let request = http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        let response = match owner {
            Some(owner) => world.app.answer_support(OwnerId::new(owner).unwrap(), request).await,
            None => world.app.answer(request).await,
        };
        read(&whole(response).await)
    };
    let path = || format!("/api/social-posts/{post}");
    let (status, shown) = ask(Some("alice"), path()).await;
    assert_eq!(
        (status, &shown),
        (StatusCode::OK, &world.get(&format!("/social-posts/{post}"), "alice").await.1)
    );
    assert_eq!(ask(Some("bob"), path()).await.0, StatusCode::NOT_FOUND);
    assert_eq!(ask(None, path()).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(Some("alice"), "/api/social-nothing".to_owned()).await.0, StatusCode::NOT_FOUND);

    let store = &world.app.publisher.flow.store;
    let result = ResultId(Uuid::parse_str(shown["results"][0]["id"].as_str().unwrap()).unwrap());
    let of = async |owner: &str| store.find_post(&OwnerId::new(owner).unwrap(), result).await.unwrap();
    assert_eq!(of("alice").await.unwrap().to_string(), post);
    assert_eq!(of("bob").await, None);
}
