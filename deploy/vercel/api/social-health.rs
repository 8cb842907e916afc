//! Reports whether posts go out in time.

use social_core::web::social_health;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    social_vercel::serve(social_health).await
}
