//! Serves the contract of the API, as `OpenAPI` 3.1.

use social_core::web::{serve, social_openapi};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(social_openapi).await
}
