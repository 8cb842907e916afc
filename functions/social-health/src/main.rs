//! Reports whether posts go out in time.

use social_core::web::{Face, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(Face::Health).await
}
