//! Receives TikTok's events about posts.

use social_core::web::{serve, tiktok_webhook};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(tiktok_webhook).await
}
