//! Publishes what is due: called once a minute by a schedule, a queue or an engineer.

use social_core::web::{serve, social_post_worker};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    serve(social_post_worker).await
}
