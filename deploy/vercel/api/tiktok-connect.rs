//! Starts the TikTok authorization request.

use social_core::web::tiktok_connect;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    social_vercel::serve(tiktok_connect).await
}
