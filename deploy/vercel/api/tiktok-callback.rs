//! Finishes the TikTok authorization request: stores the account and redirects the popup back to the product.

use social_core::web::tiktok_callback;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    social_vercel::serve(tiktok_callback).await
}
