//! Finishes the authorization request of any platform.

use social_core::web::social_accounts_callback;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    social_vercel::serve(social_accounts_callback).await
}
