//! The few lines a person sees first.

use std::path::Path;

use social_core::config::PlatformVars;
use social_core::web;

/// What is running.
pub(crate) struct Welcome<'a> {
    /// What to open.
    pub(crate) origin: &'a str,
    /// The platforms that are simulated.
    pub(crate) simulated: &'a [&'static str],
    /// Where their stand-ins are, if there are any.
    pub(crate) sandbox: Option<&'a str>,
    /// What `psql` takes, where the Postgres is our own.
    pub(crate) postgres: Option<&'a str>,
    /// Where everything is kept.
    pub(crate) data: &'a Path,
}

impl Welcome<'_> {
    /// Prints it.
    pub(crate) fn print(&self) {
        let Self { origin, data, .. } = self;
        println!("\nSocial Publisher is running. Open {origin}\n");
        for PlatformVars { platform, client_id, client_secret, .. } in web::platform_vars() {
            if self.simulated.contains(&platform) {
                println!("  {platform:<10} simulated; set {client_id} and {client_secret} for the real one");
            } else {
                println!("  {platform:<10} the real one: posts are published");
            }
        }
        if let Some(sandbox) = self.sandbox {
            println!("  Sandbox    what is simulated never leaves this machine: {sandbox}");
        }
        match self.postgres {
            Some(url) => println!("  Database   a private Postgres: psql '{url}'"),
            None => println!("  Database   the one DATABASE_URL names"),
        }
        println!("  Data       kept between runs in {}", data.display());
        println!("  Stop       Ctrl-C\n");
    }
}
