//! Starts the authorization request of the platform in `?platform=`.

use social_core::web::{serve, social_accounts_connect};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(social_accounts_connect).await
}
