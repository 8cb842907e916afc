//! Publishes what is due: called once a minute by a schedule, a queue or an engineer.

use social_core::web::social_post_worker;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    social_vercel::serve(social_post_worker).await
}
