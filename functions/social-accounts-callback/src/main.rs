//! Finishes the authorization request of any platform.

use social_core::web::{Face, Scope, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(Face::Callback(Scope::Any)).await
}
