//! Finishes the authorization request of any platform.

use social_core::web::{serve, social_accounts_callback};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(social_accounts_callback).await
}
