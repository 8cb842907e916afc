//! Starts the authorization request of the platform in `?platform=`.

use social_core::web::social_accounts_connect;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    social_vercel::serve(social_accounts_connect).await
}
