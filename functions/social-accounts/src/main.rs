//! Lists, describes and disconnects accounts.

use social_core::web::{serve, social_accounts};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(social_accounts).await
}
