//! Finishes the TikTok authorization request: stores the account and redirects the popup back to the product.

use social_core::model::PlatformId;
use social_core::web::{Face, Scope, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(Face::Callback(Scope::Only(PlatformId::new("tiktok")))).await
}
