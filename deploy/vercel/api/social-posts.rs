//! Creates, shows, changes and cancels posts.

use social_core::web::social_posts;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    social_vercel::serve(social_posts).await
}
