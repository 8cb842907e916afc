//! Creates, shows, changes and cancels posts.

use social_core::web::{serve, social_posts};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(social_posts).await
}
