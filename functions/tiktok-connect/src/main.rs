//! Starts the TikTok authorization request.

use social_core::model::PlatformId;
use social_core::web::{Face, Scope, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(Face::Connect(Scope::Only(PlatformId::new("tiktok")))).await
}
