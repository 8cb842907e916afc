//! The same interface for systems other than Unix: every call returns an error that names `DATABASE_URL`.

use std::convert::Infallible;
use std::path::Path;

use crate::{Address, Error};

/// A server that cannot exist here.
#[derive(Debug)]
pub struct Server(Infallible);

impl Server {
    /// Returns the address of the server.
    #[must_use]
    pub fn address(&self) -> &Address {
        match self.0 {}
    }

    /// Returns the URL of one of its databases.
    #[must_use]
    pub fn url(&self, _database: &str) -> String {
        match self.0 {}
    }
}

/// Fails with [`Error::NotUnix`].
pub fn durable(_data_root: &Path) -> Result<Server, Error> {
    Err(Error::NotUnix)
}

/// Fails with [`Error::NotUnix`].
pub fn shared_for_tests(
    _template_key: &str,
    _prepare: impl FnOnce(&Address) -> Result<(), String>,
) -> Result<Address, Error> {
    Err(Error::NotUnix)
}
