//! The module as a whole, against servers of every kind on loopback.

mod addresses;
mod frugal;
mod hostile;
mod matrix;
mod probing;
mod rows;
mod server;
