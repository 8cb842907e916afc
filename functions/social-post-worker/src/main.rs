//! Publishes what is due: called once a minute by a schedule, a queue or an engineer.

use social_core::web::{Face, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(Face::PostWorker).await
}
