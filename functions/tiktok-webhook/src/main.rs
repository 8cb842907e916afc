//! Receives TikTok's events about posts.

use social_core::web::{Face, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(Face::Webhook).await
}
