//! Finishes the TikTok authorization request: stores the account and redirects the popup back to the product.

use social_core::web::{serve, tiktok_callback};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(tiktok_callback).await
}
