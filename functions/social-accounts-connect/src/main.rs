//! Starts the authorization request of the platform in `?platform=`.

use social_core::web::{Face, Scope, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(Face::Connect(Scope::Any)).await
}
