//! The module as a whole, against servers of every kind on loopback.

mod addresses;
mod blocks;
mod hostile;
mod names;
mod pinning;
mod probing;
mod reading;
mod refusals;
mod server;
