//! Reports whether posts go out in time.

use social_core::web::{serve, social_health};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(social_health).await
}
