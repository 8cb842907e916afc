//! Starts the TikTok authorization request.

use social_core::web::{serve, tiktok_connect};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(tiktok_connect).await
}
