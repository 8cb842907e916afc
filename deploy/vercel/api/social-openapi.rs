//! Serves the contract of the API, as `OpenAPI` 3.1.

use social_core::web::social_openapi;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    social_vercel::serve(social_openapi).await
}
