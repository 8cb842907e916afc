//! The first lines that a person sees.

use std::path::Path;

use social_core::config::PlatformVars;
use social_core::web;

/// The facts to print.
pub(crate) struct Welcome<'a> {
    /// The URL to open.
    pub(crate) origin: &'a str,
    /// The simulated platforms.
    pub(crate) simulated: &'a [&'static str],
    /// The simulators' URL, if there are any.
    pub(crate) sandbox: Option<&'a str>,
    /// The arguments for `psql`, if the Postgres is private.
    pub(crate) postgres: Option<&'a str>,
    /// The data folder.
    pub(crate) data: &'a Path,
}

impl Welcome<'_> {
    /// Prints them.
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
            println!("  Sandbox    the simulated platforms; nothing leaves this machine: {sandbox}");
        }
        match self.postgres {
            Some(url) => println!("  Database   a private Postgres: psql '{url}'"),
            None => println!("  Database   DATABASE_URL"),
        }
        println!("  Data       stored in {}", data.display());
        println!("  Stop       Ctrl-C\n");
    }
}
