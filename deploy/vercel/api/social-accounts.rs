//! Lists, describes and disconnects accounts.

use social_core::web::social_accounts;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    social_vercel::serve(social_accounts).await
}
