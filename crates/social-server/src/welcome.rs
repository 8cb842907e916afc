//! The few lines a person sees first.

use std::path::Path;

/// What is running.
pub(crate) struct Welcome<'a> {
    /// What to open.
    pub(crate) origin: &'a str,
    /// Where the stand-ins are, if there are any.
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
        match self.sandbox {
            Some(sandbox) => {
                println!("  TikTok    simulated, nothing leaves this machine: {sandbox}");
                println!("            Set TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET for the real one.");
            }
            None => println!("  TikTok    the real one: posts are published"),
        }
        match self.postgres {
            Some(url) => println!("  Database  a private Postgres: psql '{url}'"),
            None => println!("  Database  the one DATABASE_URL names"),
        }
        println!("  Data      kept between runs in {}", data.display());
        println!("  Stop      Ctrl-C\n");
    }
}
