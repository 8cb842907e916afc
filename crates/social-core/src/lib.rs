//! Connects social accounts and publishes videos to them at most once, and never loses one.
//!
//! Knowledge is pure, and one loop does the work. A platform ([`platform`]) is a set of facts and a small state
//! machine that describes calls and reads replies; one publisher ([`publish`]) leases, sends and saves; one
//! flow ([`oauth`]) connects accounts; [`store`] holds the only SQL and [`web`] the faces to the outside.
//!
//! A module uses only modules listed above its own.

pub mod clock;
pub mod entropy;
pub mod secret;

pub mod vault;

pub mod config;
pub mod http;

pub mod model;

pub mod video;

pub mod platform;

pub mod store;

pub mod oauth;

pub mod publish;

pub mod web;
