//! Takes TikTok's word on what became of a post.

use social_core::web::{Face, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(Face::Webhook).await
}
