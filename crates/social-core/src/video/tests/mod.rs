//! The module as a whole, against servers of every kind on loopback.

mod addresses;
mod blocks;
mod chromium;
mod frugal;
mod hostile;
mod matrix;
mod names;
mod pinning;
mod probing;
mod reading;
mod refusals;
mod rows;
mod server;
mod servers;
mod truncation;
mod truth;
mod writers;
