//! Receives TikTok's events about posts.

use social_core::web::tiktok_webhook;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    social_vercel::serve(tiktok_webhook).await
}
